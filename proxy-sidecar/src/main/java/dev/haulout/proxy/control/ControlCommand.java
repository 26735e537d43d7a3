package dev.haulout.proxy.control;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One command of a control datagram.
 *
 * @param id its number
 * @param payload what it is about
 */
public record ControlCommand(int id, byte[] payload) {
    /** End the connections of an account: the one command that a proxy obeys. */
    public static final int DISCONNECT_DATABASE = 20;

    /** The payload as text. */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ControlCommand command && id == command.id && Arrays.equals(payload, command.payload);
    }

    @Override
    public int hashCode() {
        return 31 * id + Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
        return id + "(" + text() + ")";
    }
}
