package dev.haulout.proxy.account;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/**
 * The arithmetic of the authentication plugins. See "Authentication plugin - mysql_native_password" and "- ed25519" in
 * MariaDB's documentation of the protocol. Comparisons take constant time.
 */
public final class Verifier {
    private static final int SHA1_LENGTH = 20;
    private static final int NONCE_LENGTH = 32;

    private Verifier() {}

    /**
     * Checks a {@code mysql_native_password} response.
     *
     * @param sha1sha1 {@code SHA1(SHA1(password))}, 20 bytes
     * @param scramble the 20 bytes that were sent to the client
     * @param response what it answered
     * @return {@code SHA1(password)}, by which a response to any other scramble can be made; empty when it's wrong
     */
    public static Optional<Secret> nativePassword(Secret sha1sha1, byte[] scramble, byte[] response) {
        if (response.length != SHA1_LENGTH) {
            return Optional.empty();
        }
        byte[] sha1 = xor(response, sha1(scramble, sha1sha1.bytes()));
        return sha1sha1.matches(sha1(sha1)) ? Optional.of(Secret.of(sha1)) : Optional.empty();
    }

    /**
     * The {@code mysql_native_password} response of a client that knows the password.
     *
     * @param sha1Password {@code SHA1(password)}, 20 bytes; empty for the empty password
     * @param scramble the server's 20 bytes, without the NUL that follows them in packets
     * @return 20 bytes; none for the empty password
     */
    public static byte[] nativeResponse(Secret sha1Password, byte[] scramble) {
        if (sha1Password.length() == 0) {
            return new byte[0];
        }
        byte[] sha1 = sha1Password.bytes();
        return xor(sha1, sha1(scramble, sha1(sha1)));
    }

    /**
     * Checks a password in clear against a native hash.
     *
     * @param password without the NUL that ends it in packets; not empty
     * @return {@code SHA1(password)}; empty when it's wrong
     */
    public static Optional<Secret> clearPassword(Secret sha1sha1, byte[] password) {
        byte[] sha1 = sha1(password);
        return sha1sha1.matches(sha1(sha1)) ? Optional.of(Secret.of(sha1)) : Optional.empty();
    }

    /**
     * Checks a {@code client_ed25519} signature. MariaDB derives the key from the password in a way of its own; the
     * signature is plain Ed25519 (RFC 8032).
     *
     * @param publicKey 32 bytes, as the account has it
     * @param nonce the 32 bytes that were sent to the client
     * @param signature what it answered
     */
    public static boolean ed25519(Secret publicKey, byte[] nonce, byte[] signature) {
        return signature.length == Ed25519.SIGNATURE_SIZE
                && nonce.length == NONCE_LENGTH
                && Ed25519.verify(signature, 0, publicKey.bytes(), 0, nonce, 0, NONCE_LENGTH);
    }

    /**
     * The {@code client_ed25519} signature of a client that knows the password.
     *
     * @param password in clear
     * @param nonce the server's 32 bytes
     * @return 64 bytes
     */
    public static byte[] ed25519Signature(Secret password, byte[] nonce) {
        return new PasswordKey(password.bytes()).sign(nonce);
    }

    /**
     * Checks a password in clear against an ed25519 public key.
     *
     * @param password without the NUL that ends it in packets
     */
    public static boolean clearPasswordOfEd25519(Secret publicKey, byte[] password) {
        return publicKey.matches(new PasswordKey(password).publicKey());
    }

    /**
     * What {@code mysql_native_password} keeps of a password: {@code SHA1(SHA1(password))}; nothing of an empty one.
     *
     * @param password in clear
     */
    public static Secret nativeHash(byte[] password) {
        return Secret.of(password.length == 0 ? password : sha1(sha1(password)));
    }

    /**
     * By what a client that trusts no authority knows that the certificate it was shown is that of somebody who knows its
     * password: what the server has for it in the OK packet.
     *
     * @param hash what the account has of the password, see {@link AuthMethod#hash}
     * @param scramble the last 20 bytes for {@code mysql_native_password} that the client was sent, the greeting's at first
     * @param fingerprint SHA-256 of the certificate
     * @return 64 hexadecimal digits
     */
    public static String certificateBinding(Secret hash, byte[] scramble, byte[] fingerprint) {
        return HexFormat.of().withUpperCase().formatHex(digest("SHA-256", hash.bytes(), scramble, fingerprint));
    }

    private static byte[] xor(byte[] a, byte[] b) {
        byte[] result = new byte[a.length];
        for (int i = 0; i < a.length; i++) {
            result[i] = (byte) (a[i] ^ b[i]);
        }
        return result;
    }

    private static byte[] sha1(byte[]... parts) {
        return digest("SHA-1", parts);
    }

    private static byte[] digest(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(algorithm + " is missing, which every Java runtime must have", e);
        }
    }
}
