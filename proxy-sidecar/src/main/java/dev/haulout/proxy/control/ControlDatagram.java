package dev.haulout.proxy.control;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A control datagram: a magic number, then commands of {length, id, payload, padding to 4 bytes}, all in network byte
 * order.
 */
public final class ControlDatagram {
    /** The longest that is read. */
    public static final int MOST = 4096;

    private static final int MAGIC = 0x63046101;
    private static final int HEADER = 4;

    private ControlDatagram() {}

    /**
     * What a datagram says.
     *
     * @param commands those that are whole, which count even when the rest is faulty
     * @param fault what is wrong with it, for the log
     */
    public record Reading(List<ControlCommand> commands, Optional<String> fault) {}

    /** Reads one; anything may come. */
    public static Reading read(byte[] datagram) {
        if (datagram.length < 4) {
            return new Reading(List.of(), Optional.of("shorter than its magic number"));
        }
        ByteBuffer in = ByteBuffer.wrap(datagram);
        int magic = in.getInt();
        if (magic != MAGIC) {
            return new Reading(List.of(), Optional.of(String.format("wrong magic number %08x", magic)));
        }
        if (in.remaining() % 4 != 0) {
            return new Reading(List.of(), Optional.of("odd length " + datagram.length));
        }
        List<ControlCommand> commands = new ArrayList<>();
        while (in.remaining() > 0) {
            int length = in.getShort() & 0xffff;
            int id = in.getShort() & 0xffff;
            if (length > in.remaining()) {
                return new Reading(commands, Optional.of("command " + id + " is cut off"));
            }
            byte[] payload = new byte[length];
            in.get(payload);
            in.position(in.position() + padding(length));
            commands.add(new ControlCommand(id, payload));
        }
        return new Reading(commands, Optional.empty());
    }

    /** Writes one; payloads are of at most 65535 bytes. */
    public static byte[] write(List<ControlCommand> commands) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(4).putInt(MAGIC).array());
        for (ControlCommand command : commands) {
            int length = command.payload().length;
            if (length > 0xffff) {
                throw new IllegalArgumentException("a payload of " + length + " bytes; 65535 is the most");
            }
            out.writeBytes(ByteBuffer.allocate(HEADER)
                    .putShort((short) length)
                    .putShort((short) command.id())
                    .array());
            out.writeBytes(command.payload());
            out.writeBytes(new byte[padding(length)]);
        }
        return out.toByteArray();
    }

    private static int padding(int length) {
        return -length & 3;
    }
}
