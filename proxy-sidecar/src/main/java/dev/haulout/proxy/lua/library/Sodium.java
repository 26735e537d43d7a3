package dev.haulout.proxy.lua.library;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.bouncycastle.crypto.engines.Salsa20Engine;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.bouncycastle.util.Pack;

/** libsodium's sealed boxes and signatures, byte for byte. */
final class Sodium {
    static final int BOX_KEY = 32;
    static final int SIGN_PUBLIC = 32;
    /** The seed and behind it the public key. */
    static final int SIGN_SECRET = 64;

    static final int SIGNATURE = 64;

    private static final int TAG = 16;
    private static final int NONCE = 24;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Sodium() {}

    static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    static byte[] boxPublic(byte[] secret) {
        byte[] key = new byte[BOX_KEY];
        X25519.scalarMultBase(secret, 0, key, 0);
        return key;
    }

    /** The public key of a sender made for this message, then the message encrypted and authenticated. */
    static byte[] seal(byte[] message, byte[] recipient) {
        byte[] secret = random(BOX_KEY);
        byte[] sender = boxPublic(secret);
        byte[] box = secretBox(message, boxKey(secret, recipient), nonce(sender, recipient));
        byte[] sealed = Arrays.copyOf(sender, BOX_KEY + box.length);
        System.arraycopy(box, 0, sealed, BOX_KEY, box.length);
        return sealed;
    }

    /** The message; null when it is not for that key, or was changed. */
    static byte[] open(byte[] sealed, byte[] recipient, byte[] secret) {
        if (sealed.length < BOX_KEY + TAG) {
            return null;
        }
        byte[] sender = Arrays.copyOf(sealed, BOX_KEY);
        byte[] box = Arrays.copyOfRange(sealed, BOX_KEY, sealed.length);
        byte[] key = boxKey(secret, sender);
        byte[] nonce = nonce(sender, recipient);
        byte[] cipher = Arrays.copyOfRange(box, TAG, box.length);
        if (!MessageDigest.isEqual(tag(cipher, key, nonce), Arrays.copyOf(box, TAG))) {
            return null;
        }
        return crypted(cipher, key, nonce);
    }

    private static byte[] nonce(byte[] sender, byte[] recipient) {
        Blake2bDigest digest = new Blake2bDigest(NONCE * 8);
        digest.update(sender, 0, sender.length);
        digest.update(recipient, 0, recipient.length);
        byte[] nonce = new byte[NONCE];
        digest.doFinal(nonce, 0);
        return nonce;
    }

    /** HSalsa20 of what both sides can work out. */
    private static byte[] boxKey(byte[] secret, byte[] other) {
        byte[] shared = new byte[BOX_KEY];
        X25519.scalarMult(secret, 0, other, 0, shared, 0);
        int[] k = new int[8];
        Pack.littleEndianToInt(shared, 0, k);
        int[] in = {
            0x61707865, k[0], k[1], k[2], k[3], 0x3320646e, 0, 0, 0, 0, 0x79622d32, k[4], k[5], k[6], k[7], 0x6b206574
        };
        int[] x = new int[16];
        Salsa20Engine.salsaCore(20, in, x);
        int[] wanted = {0, 5, 10, 15, 6, 7, 8, 9};
        byte[] key = new byte[BOX_KEY];
        for (int i = 0; i < wanted.length; i++) {
            Pack.intToLittleEndian(x[wanted[i]] - in[wanted[i]], key, 4 * i);
        }
        return key;
    }

    private static byte[] secretBox(byte[] message, byte[] key, byte[] nonce) {
        byte[] cipher = crypted(message, key, nonce);
        byte[] box = Arrays.copyOf(tag(cipher, key, nonce), TAG + cipher.length);
        System.arraycopy(cipher, 0, box, TAG, cipher.length);
        return box;
    }

    /** The stream's first 32 bytes are the authenticator's key. */
    private static XSalsa20Engine stream(byte[] key, byte[] nonce, byte[] first) {
        XSalsa20Engine stream = new XSalsa20Engine();
        stream.init(true, new ParametersWithIV(new KeyParameter(key), nonce));
        stream.processBytes(new byte[first.length], 0, first.length, first, 0);
        return stream;
    }

    private static byte[] crypted(byte[] bytes, byte[] key, byte[] nonce) {
        byte[] result = new byte[bytes.length];
        stream(key, nonce, new byte[32]).processBytes(bytes, 0, bytes.length, result, 0);
        return result;
    }

    private static byte[] tag(byte[] cipher, byte[] key, byte[] nonce) {
        byte[] macKey = new byte[32];
        stream(key, nonce, macKey);
        Poly1305 mac = new Poly1305();
        mac.init(new KeyParameter(macKey));
        mac.update(cipher, 0, cipher.length);
        byte[] tag = new byte[TAG];
        mac.doFinal(tag, 0);
        return tag;
    }

    /** A secret key of 64 bytes, whose second half is the public one. */
    static byte[] signSecret() {
        byte[] seed = random(32);
        byte[] secret = Arrays.copyOf(seed, SIGN_SECRET);
        Ed25519.generatePublicKey(seed, 0, secret, 32);
        return secret;
    }

    static byte[] sign(byte[] message, byte[] secret) {
        byte[] signature = new byte[SIGNATURE];
        Ed25519.sign(secret, 0, secret, 32, message, 0, message.length, signature, 0);
        return signature;
    }

    static boolean verify(byte[] signature, byte[] message, byte[] publicKey) {
        return Ed25519.verify(signature, 0, publicKey, 0, message, 0, message.length);
    }
}
