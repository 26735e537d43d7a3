package dev.haulout.proxy.account;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What a client with a password answers to a plugin. The ed25519 here is written from RFC 8032's formulas, apart from
 * the code under test.
 */
final class Answers {
    private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    private static final BigInteger ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));
    private static final BigInteger D = BigInteger.valueOf(-121665)
            .multiply(BigInteger.valueOf(121666).modInverse(P))
            .mod(P);
    private static final Point BASE = new Point(
            new BigInteger("15112221349535400772501151409588531511454012693041857206046113283949847762202"),
            BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P));

    private Answers() {}

    static byte[] to(String plugin, byte[] challenge, byte[] password) {
        return switch (plugin) {
            case ClientPlugin.NATIVE_PASSWORD -> nativePassword(challenge, password);
            case ClientPlugin.ED25519 -> ed25519(challenge, password);
            default -> throw new IllegalArgumentException("asked for " + plugin);
        };
    }

    private static byte[] nativePassword(byte[] scramble, byte[] password) {
        if (password.length == 0) {
            return password;
        }
        byte[] sha1 = digest("SHA-1", password);
        byte[] mask = digest("SHA-1", scramble, digest("SHA-1", sha1));
        for (int i = 0; i < sha1.length; i++) {
            sha1[i] ^= mask[i];
        }
        return sha1;
    }

    private static byte[] ed25519(byte[] nonce, byte[] password) {
        byte[] hash = digest("SHA-512", password);
        byte[] prefix = Arrays.copyOfRange(hash, 32, 64);
        BigInteger secret = secretScalar(hash);
        byte[] key = BASE.times(secret).encoded();
        BigInteger r = number(digest("SHA-512", prefix, nonce)).mod(ORDER);
        byte[] commitment = BASE.times(r).encoded();
        BigInteger k = number(digest("SHA-512", commitment, key, nonce)).mod(ORDER);
        byte[] s = bytes(r.add(k.multiply(secret)).mod(ORDER));
        byte[] signature = Arrays.copyOf(commitment, 64);
        System.arraycopy(s, 0, signature, 32, 32);
        return signature;
    }

    private static BigInteger secretScalar(byte[] hash) {
        byte[] clamped = Arrays.copyOf(hash, 32);
        clamped[0] &= (byte) 248;
        clamped[31] &= 63;
        clamped[31] |= 64;
        return number(clamped);
    }

    private record Point(BigInteger x, BigInteger y) {
        Point plus(Point other) {
            BigInteger product = D.multiply(x)
                    .multiply(other.x)
                    .multiply(y)
                    .multiply(other.y)
                    .mod(P);
            BigInteger left = x.multiply(other.y).add(y.multiply(other.x));
            BigInteger right = y.multiply(other.y).add(x.multiply(other.x));
            return new Point(
                    left.multiply(BigInteger.ONE.add(product).modInverse(P)).mod(P),
                    right.multiply(BigInteger.ONE.subtract(product).modInverse(P))
                            .mod(P));
        }

        Point times(BigInteger factor) {
            Point result = new Point(BigInteger.ZERO, BigInteger.ONE);
            for (int bit = factor.bitLength() - 1; bit >= 0; bit--) {
                result = result.plus(result);
                if (factor.testBit(bit)) {
                    result = result.plus(this);
                }
            }
            return result;
        }

        byte[] encoded() {
            byte[] encoded = bytes(y);
            if (x.testBit(0)) {
                encoded[31] |= (byte) 0x80;
            }
            return encoded;
        }
    }

    private static BigInteger number(byte[] littleEndian) {
        byte[] reversed = new byte[littleEndian.length];
        for (int i = 0; i < reversed.length; i++) {
            reversed[i] = littleEndian[reversed.length - 1 - i];
        }
        return new BigInteger(1, reversed);
    }

    private static byte[] bytes(BigInteger number) {
        byte[] bigEndian = number.toByteArray();
        byte[] bytes = new byte[32];
        for (int i = 0; i < Math.min(32, bigEndian.length); i++) {
            bytes[i] = bigEndian[bigEndian.length - 1 - i];
        }
        return bytes;
    }

    private static byte[] digest(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
