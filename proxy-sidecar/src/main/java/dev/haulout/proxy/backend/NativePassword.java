package dev.haulout.proxy.backend;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The proof of {@code mysql_native_password} made from {@code SHA1(password)}.
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#mysql_native_password-plugin">
 *     mysql_native_password</a>
 */
public final class NativePassword {
    public static final String PLUGIN = "mysql_native_password";

    private NativePassword() {}

    /** {@code SHA1(password) XOR SHA1(scramble + SHA1(SHA1(password)))}; empty where {@code sha1} is (no password). */
    public static byte[] proof(byte[] sha1, byte[] scramble) {
        if (sha1.length == 0) {
            return sha1;
        }
        MessageDigest digest = sha1Digest();
        byte[] stored = digest.digest(sha1);
        digest.update(scramble);
        byte[] proof = digest.digest(stored);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= sha1[i];
        }
        return proof;
    }

    /** {@code SHA1(text)}; empty for an empty password. */
    public static byte[] sha1(byte[] password) {
        return password.length == 0 ? password : sha1Digest().digest(password);
    }

    private static MessageDigest sha1Digest() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }
}
