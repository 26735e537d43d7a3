package dev.haulout.proxy.account;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/**
 * The ed25519 key that MariaDB makes of a password: where RFC 8032 hashes 32 random bytes with SHA-512, it hashes the
 * password, of any length. No library signs by such a key, so the few steps of RFC 8032, section 5.1.6, are here.
 */
final class PasswordKey {
    /** The same curve in another form, for which there is a multiplication in constant time. */
    private static final X9ECParameters CURVE = CustomNamedCurves.getByName("curve25519");

    private static final BigInteger PRIME = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
    /** From that form's x to the u of RFC 7748's: a third of 486662. */
    private static final BigInteger SHIFT = BigInteger.valueOf(486662).multiply(inverse(BigInteger.valueOf(3)));
    /** From u/v of RFC 7748 to the x of RFC 8032: what makes the one's base point the other's. */
    private static final BigInteger SCALE = new BigInteger(
                    "15112221349535400772501151409588531511454012693041857206046113283949847762202")
            .multiply(CURVE.getG().normalize().getAffineYCoord().toBigInteger())
            .multiply(inverse(BigInteger.valueOf(9)));

    private final BigInteger scalar;
    private final byte[] prefix;

    PasswordKey(byte[] password) {
        byte[] hash = sha512(password);
        byte[] clamped = Arrays.copyOf(hash, 32);
        clamped[0] &= (byte) 0xf8;
        clamped[31] &= 0x3f;
        clamped[31] |= 0x40;
        this.scalar = number(clamped).mod(CURVE.getN());
        this.prefix = Arrays.copyOfRange(hash, 32, 64);
    }

    /** 32 bytes. */
    byte[] publicKey() {
        return multipleOfBase(scalar);
    }

    /** 64 bytes. */
    byte[] sign(byte[] message) {
        BigInteger r = number(sha512(prefix, message)).mod(CURVE.getN());
        byte[] commitment = multipleOfBase(r);
        BigInteger k = number(sha512(commitment, publicKey(), message)).mod(CURVE.getN());
        byte[] signature = Arrays.copyOf(commitment, 64);
        System.arraycopy(bytes(r.add(k.multiply(scalar)).mod(CURVE.getN())), 0, signature, 32, 32);
        return signature;
    }

    private static byte[] multipleOfBase(BigInteger factor) {
        ECPoint point =
                new FixedPointCombMultiplier().multiply(CURVE.getG(), factor).normalize();
        BigInteger u = point.getAffineXCoord().toBigInteger().subtract(SHIFT).mod(PRIME);
        BigInteger v = point.getAffineYCoord().toBigInteger();
        BigInteger x = SCALE.multiply(u).multiply(inverse(v)).mod(PRIME);
        BigInteger y = u.subtract(BigInteger.ONE)
                .multiply(inverse(u.add(BigInteger.ONE)))
                .mod(PRIME);
        byte[] encoded = bytes(y);
        if (x.testBit(0)) {
            encoded[31] |= (byte) 0x80;
        }
        return encoded;
    }

    private static BigInteger inverse(BigInteger number) {
        return number.modInverse(PRIME);
    }

    private static BigInteger number(byte[] littleEndian) {
        return new BigInteger(1, reversed(littleEndian));
    }

    private static byte[] bytes(BigInteger number) {
        return Arrays.copyOf(reversed(number.toByteArray()), 32);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }

    private static byte[] sha512(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-512 is missing, which every Java runtime must have", e);
        }
    }
}
