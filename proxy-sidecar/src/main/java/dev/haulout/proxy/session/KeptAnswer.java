package dev.haulout.proxy.session;

import dev.haulout.proxy.sql.Statement;
import dev.haulout.proxy.wake.Instance;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * The server's last answer to a keep-alive of the owner's own ({@code spec.sleep.keepAlives}), given again while the
 * instance sleeps. It is the truth as long as nothing that could change it has happened: the session has said nothing
 * since but keep-alives, and nobody has used the instance between the answer and its sleep. Only result sets are kept: who
 * is told OK expects that something was done.
 */
final class KeptAnswer {
    /** An answer longer than this is no mere sign of life. */
    private static final int MOST_BYTES = 16 << 10;

    private static final int FIRST_BYTE = 4;
    private static final int OK = 0;
    private static final int LOCAL_INFILE = 0xfb;
    private static final Set<String> READ_ONLY = Set.of("SELECT", "SHOW");

    private byte[] question;
    private byte[] answer;
    private long atNanos;
    private byte[] asked;
    private ByteArrayOutputStream recording;

    /**
     * The client says something, which the server or the proxy is about to answer.
     *
     * @param inTransaction whether the session is in a transaction
     */
    void said(RunningCommand command, boolean inTransaction) {
        recording = null;
        if (!command.leavesAnswers(inTransaction)) {
            forget();
        }
    }

    /** The server is asked; its answer may be worth keeping. */
    void asked(RunningCommand command) {
        boolean reads = command.statement() instanceof Statement.Other other
                && READ_ONLY.contains(other.keyword())
                && other.neutral()
                && other.pins().isEmpty();
        if (command.listed() && reads) {
            asked = command.body();
            recording = new ByteArrayOutputStream();
        }
    }

    /** Bytes of the server's answer pass. */
    void passed(ByteBuf bytes) {
        if (recording == null) {
            return;
        }
        if (recording.size() + bytes.readableBytes() > MOST_BYTES) {
            recording = null;
            return;
        }
        byte[] copy = new byte[bytes.readableBytes()];
        bytes.getBytes(bytes.readerIndex(), copy);
        recording.writeBytes(copy);
    }

    /**
     * The answer is whole.
     *
     * @param sound whether it is no error, and has left no transaction open
     */
    void complete(boolean sound) {
        if (recording == null) {
            return;
        }
        byte[] recorded = recording.toByteArray();
        recording = null;
        forget();
        int first = recorded.length > FIRST_BYTE ? recorded[FIRST_BYTE] & 0xff : OK;
        if (sound && first != OK && first < LOCAL_INFILE) {
            question = asked;
            answer = recorded;
            atNanos = System.nanoTime();
        }
    }

    /** The packets of the answer that the server would give, with their headers; empty when that is not certain. */
    Optional<byte[]> to(RunningCommand command, int sequence, Instance instance) {
        boolean known = answer != null && command.listed() && sequence == 0 && Arrays.equals(question, command.body());
        return known && instance.hasRestedSince(atNanos) ? Optional.of(answer) : Optional.empty();
    }

    void forget() {
        question = null;
        answer = null;
    }
}
