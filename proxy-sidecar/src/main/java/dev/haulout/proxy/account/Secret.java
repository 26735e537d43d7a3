package dev.haulout.proxy.account;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.util.Arrays;

/** Bytes that must not reach a log: a password, its hash, or a key. Immutable, and compared in constant time. */
public final class Secret {
    private static final Secret EMPTY = new Secret(new byte[0]);

    private final byte[] bytes;

    private Secret(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Keeps a copy of the given bytes. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Secret of(byte[] bytes) {
        return bytes.length == 0 ? EMPTY : new Secret(bytes.clone());
    }

    /** A copy of the bytes. */
    @JsonValue
    public byte[] bytes() {
        return bytes.clone();
    }

    /** How many bytes. */
    public int length() {
        return bytes.length;
    }

    /** Whether these are the same bytes; takes as long for a near miss as for a hit. */
    public boolean matches(byte[] others) {
        return MessageDigest.isEqual(bytes, others);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && matches(secret.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Tells the length only. */
    @Override
    public String toString() {
        return "Secret[" + bytes.length + " bytes]";
    }
}
