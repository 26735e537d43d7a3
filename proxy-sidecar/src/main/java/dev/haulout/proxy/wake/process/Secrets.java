package dev.haulout.proxy.wake.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.haulout.proxy.durable.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The passwords we made up for one instance, kept beside its data directory.
 *
 * @param service the password of our own account
 * @param root the password by which a door that has checked its client's uid logs in {@code root@localhost}
 */
record Secrets(String service, String root) {
    private static final int BYTES = 32;
    private static final ObjectMapper JSON = new ObjectMapper();

    static Secrets random() {
        return new Secrets(randomPassword(), randomPassword());
    }

    private static String randomPassword() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** @throws IOException when the file is missing or is not what {@link #write} wrote */
    static Secrets read(Path file) throws IOException {
        try {
            Secrets secrets = JSON.readValue(Files.readAllBytes(file), Secrets.class);
            if (secrets.service() == null || secrets.root() == null) {
                throw new IOException("a password is missing in " + file + ": remove the file and both are made anew");
            }
            return secrets;
        } catch (JsonProcessingException e) {
            // The parser's own message may quote the content.
            throw new IOException(file + " is damaged: remove it and its passwords are made anew at the next start");
        }
    }

    /** Writes the file, readable by us only; it is on the disk when this returns. */
    void write(Path file) throws IOException {
        DurableFiles.replace(file, JSON.writeValueAsBytes(this));
    }

    /** What {@code mysql_native_password} stores for a password: {@code *} and {@code HEX(SHA1(SHA1(password)))}. */
    static String nativeHash(String password) {
        if (password.isEmpty()) {
            return "";
        }
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] once = sha1.digest(password.getBytes(StandardCharsets.UTF_8));
            return "*" + HexFormat.of().formatHex(sha1.digest(once)).toUpperCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    @Override
    public String toString() {
        return "Secrets[]";
    }
}
