package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.sql.Statement;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * KILL and COM_PROCESS_KILL with the id that a client was told in the door's greeting, which no server knows. Where the
 * session of that id has a backend connection, that connection's id is put in its place and the server decides; where it
 * has none, the door does what the server would. A session that this proxy does not have may be another's: that is asked,
 * while the command waits.
 */
final class Kills {
    /** What stands before the word is never gone back into: that would take a deep stack. */
    private static final Pattern KILL = Pattern.compile(
            "((?:\\s++|/\\*[^!M].*?\\*/)*+KILL\\s+(?:(?:HARD|SOFT)\\s+)?(?:(CONNECTION|QUERY)\\s+)?)(\\d{10}|-\\d{1,10})(\\s*;?\\s*)",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Flags of the session itself, not of the answer they came with. */
    private static final int LASTING = ServerStatus.IN_TRANSACTION | ServerStatus.AUTOCOMMIT | 0x0200 | 0x2000 | 0x8000;

    private final Session session;

    /** Whether the session named in the command that waits is being looked for. */
    private boolean asking;

    /** What came of that; null for nothing yet. */
    private KillAnswer answered;

    Kills(Session session) {
        this.session = session;
    }

    /** Whether the command may be one of these at all. */
    static boolean isOne(RunningCommand command) {
        return command.command() == Command.PROCESS_KILL
                || command.command() == Command.QUERY
                        && command.statement() instanceof Statement.Other other
                        && other.keyword().equals("KILL");
    }

    /** Whether the client's next command waits for what the session named in it, or another proxy, says. */
    boolean isAsking() {
        return asking;
    }

    /**
     * Makes the client's next command ready for the server: the id of the killed session's backend connection is put in.
     * False where the door has answered it, or {@link #isAsking asks} first.
     */
    boolean ready(RunningCommand command, BackendConnection backend) {
        Optional<KillOrder> order = order(command);
        if (order.isEmpty()) {
            return true;
        }
        return switch (carryOut(order.get())) {
            case KillAnswer.Connected connected -> {
                translate(command, connected.backendId());
                yield true;
            }
            case KillAnswer.Done done -> {
                session.answerWith(ok(backend.tracker().status() & LASTING));
                yield false;
            }
            case KillAnswer.Denied denied -> {
                session.answerWith(SessionErrors.notOwner(order.get().id()));
                yield false;
            }
            case KillAnswer.Unknown unknown -> true;
            case null -> false;
        };
    }

    /** Settles the command without a server, where neither session has one; or asks first. False where it needs one. */
    boolean settled(RunningCommand command) {
        Optional<KillOrder> order = order(command).filter(given -> given.id() != session.id());
        Optional<byte[]> ok = session.profile().ok();
        if (order.isEmpty() || ok.isEmpty()) {
            answered = null; // the server it is to have may be another by then
            return false;
        }
        return switch (carryOut(order.get())) {
            case KillAnswer.Connected connected -> false;
            case KillAnswer.Done done -> {
                session.answerWith(ok.get());
                yield true;
            }
            case KillAnswer.Denied denied -> {
                session.answerWith(SessionErrors.notOwner(order.get().id()));
                yield true;
            }
            case KillAnswer.Unknown unknown -> false;
            case null -> true;
        };
    }

    /** Null where that is yet to be told: the command then comes here again. */
    private KillAnswer carryOut(KillOrder order) {
        if (answered != null) {
            KillAnswer answer = answered;
            answered = null;
            return answer;
        }
        asking = true;
        order.carryOut(session.instance(), answer -> session.loop().execute(() -> toldHere(order, answer)));
        return null;
    }

    private void toldHere(KillOrder order, KillAnswer answer) {
        if (answer instanceof KillAnswer.Unknown && !session.setup().ids().isOfThisProxy(order.id())) {
            session.setup().others().kill(order, elsewhere -> session.loop().execute(() -> told(elsewhere)));
        } else {
            told(answer);
        }
    }

    private void told(KillAnswer answer) {
        asking = false;
        answered = answer;
        session.pump();
    }

    private static byte[] ok(int status) {
        return new byte[] {0, 0, 0, (byte) status, (byte) (status >> 8), 0, 0};
    }

    /** Empty where the id is none of a door's. */
    private Optional<KillOrder> order(RunningCommand command) {
        long id;
        boolean queryOnly = false;
        ByteBuf frame = session.peek();
        if (command.command() == Command.PROCESS_KILL) {
            if (Wire.payloadLength(frame) < 5) {
                return Optional.empty();
            }
            id = frame.getUnsignedIntLE(frame.readerIndex() + Wire.HEADER + 1);
        } else {
            Matcher kill = matcher(command);
            boolean whole = command.body().length == Wire.payloadLength(frame) - 1;
            if (!whole || !kill.matches()) { // what follows is not to be left out
                return Optional.empty();
            }
            id = Long.parseLong(kill.group(3));
            if (id < 0) {
                id += 1L << 32; // Connector/J reads the greeting's id as a signed number
            }
            queryOnly = "QUERY".equalsIgnoreCase(kill.group(2));
        }
        if (!ConnectionIds.isOurs(id)) {
            return Optional.empty();
        }
        return Optional.of(new KillOrder(
                id, queryOnly, session.account(session.instance().learned().accounts()), session.describe()));
    }

    private static Matcher matcher(RunningCommand command) {
        return KILL.matcher(new String(command.body(), StandardCharsets.ISO_8859_1));
    }

    private void translate(RunningCommand command, long id) {
        if (command.command() == Command.PROCESS_KILL) {
            ByteBuf frame = session.peek();
            frame.setIntLE(frame.readerIndex() + Wire.HEADER + 1, (int) id);
            return;
        }
        Matcher kill = matcher(command);
        if (kill.matches()) {
            byte[] text = (kill.group(1) + id + kill.group(4)).getBytes(StandardCharsets.ISO_8859_1);
            ByteBuf frame = session.take();
            session.putBack(Wire.frame(
                    session.alloc(),
                    Wire.sequence(frame),
                    Unpooled.buffer(1 + text.length).writeByte(Command.QUERY).writeBytes(text)));
            frame.release();
        }
    }
}
