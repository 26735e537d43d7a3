package dev.haulout.proxy.postgres;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The client's side of SCRAM-SHA-256 (RFC 7677), without channel binding. */
final class Scram {
    private static final int MOST_ITERATIONS = 1_000_000;

    private final String password;
    private final String nonce;
    private String exchanged;
    private byte[] serverSignature;

    Scram(String password) {
        this.password = password;
        byte[] random = new byte[18];
        new SecureRandom().nextBytes(random);
        this.nonce = Base64.getEncoder().encodeToString(random);
    }

    byte[] first() {
        return ("n,," + bare()).getBytes(StandardCharsets.UTF_8);
    }

    private String bare() {
        return "n=,r=" + nonce;
    }

    /** The proof, in answer to the server's challenge. */
    byte[] proof(String challenge) throws PgException {
        Map<String, String> values = values(challenge);
        String both = values.getOrDefault("r", "");
        int iterations = Integer.parseInt(values.getOrDefault("i", "0"));
        if (!both.startsWith(nonce) || iterations < 1 || iterations > MOST_ITERATIONS) {
            throw new PgException("the server's SCRAM challenge is malformed");
        }
        String last = "c=biws,r=" + both;
        exchanged = bare() + "," + challenge + "," + last;
        byte[] salt = Base64.getDecoder().decode(values.getOrDefault("s", ""));
        try {
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, iterations, 256))
                    .getEncoded();
            byte[] clientKey = hmac(salted, "Client Key");
            byte[] stored = MessageDigest.getInstance("SHA-256").digest(clientKey);
            byte[] signature = hmac(stored, exchanged);
            for (int i = 0; i < clientKey.length; i++) {
                clientKey[i] ^= signature[i];
            }
            serverSignature = hmac(hmac(salted, "Server Key"), exchanged);
            return (last + ",p=" + Base64.getEncoder().encodeToString(clientKey)).getBytes(StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SCRAM-SHA-256 is not available", e);
        }
    }

    /** Whether the server knows the password too. */
    void check(String verdict) throws PgException {
        byte[] signature = Base64.getDecoder().decode(values(verdict).getOrDefault("v", ""));
        if (!Arrays.equals(signature, serverSignature)) {
            throw new PgException("the server does not know the password");
        }
    }

    private static Map<String, String> values(String message) {
        Map<String, String> values = new HashMap<>();
        for (String part : message.split(",")) {
            if (part.length() > 1 && part.charAt(1) == '=') {
                values.put(part.substring(0, 1), part.substring(2));
            }
        }
        return values;
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }
}
