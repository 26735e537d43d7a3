package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.sql.Statement;
import dev.haulout.proxy.wake.Participant;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * KILL and COM_PROCESS_KILL with the id that a client was told in the door's greeting, which no server knows. Where the
 * session of that id has a backend connection, that connection's id is put in its place and the server decides; where it
 * has none, the door does what the server would.
 */
final class Kills {
    private static final Pattern KILL = Pattern.compile(
            "((?:\\s|/\\*[^!M].*?\\*/)*KILL\\s+(?:(?:HARD|SOFT)\\s+)?(?:(CONNECTION|QUERY)\\s+)?)(\\d{10}|-\\d{1,10})(\\s*;?\\s*)",
            Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** Flags of the session itself, not of the answer they came with. */
    private static final int LASTING = ServerStatus.IN_TRANSACTION | ServerStatus.AUTOCOMMIT | 0x0200 | 0x2000 | 0x8000;

    private final Session session;

    Kills(Session session) {
        this.session = session;
    }

    /** A session that is to be killed, or the statement it runs. */
    private record Target(Session session, boolean queryOnly) {}

    /** Whether the command may be one of these at all. */
    static boolean isOne(RunningCommand command) {
        return command.command() == Command.PROCESS_KILL
                || command.command() == Command.QUERY
                        && command.statement() instanceof Statement.Other other
                        && other.keyword().equals("KILL");
    }

    /**
     * Makes the client's next command ready for the server: the id of the killed session's backend connection is put in.
     * False where the door has answered it.
     */
    boolean ready(RunningCommand command, BackendConnection backend) {
        Optional<Target> target = target(command);
        if (target.isEmpty()) {
            return true;
        }
        OptionalLong id = target.get().session().backendId();
        if (id.isPresent()) {
            translate(command, id.getAsLong());
            return true;
        }
        if (isAllowed(target.get())) {
            kill(target.get());
            session.answerWith(ok(backend.tracker().status() & LASTING));
        } else {
            session.answerWith(SessionErrors.notOwner(target.get().session().id()));
        }
        return false;
    }

    /** Settles the command without a server, where neither session has one. False where it needs one. */
    boolean settled(RunningCommand command) {
        Optional<Target> target = target(command)
                .filter(one -> one.session() != session)
                .filter(one -> one.session().backendId().isEmpty());
        if (target.isEmpty()) {
            return false;
        }
        if (!isAllowed(target.get())) {
            session.answerWith(SessionErrors.notOwner(target.get().session().id()));
            return true;
        }
        Optional<byte[]> ok = session.profile().ok();
        if (ok.isEmpty()) {
            return false;
        }
        kill(target.get());
        session.answerWith(ok.get());
        return true;
    }

    private static byte[] ok(int status) {
        return new byte[] {0, 0, 0, (byte) status, (byte) (status >> 8), 0, 0};
    }

    /** Whose id it is; empty where it is none of the door's, or of a session that this proxy doesn't have. */
    private Optional<Target> target(RunningCommand command) {
        long id;
        boolean queryOnly = false;
        if (command.command() == Command.PROCESS_KILL) {
            ByteBuf frame = session.peek();
            if (Wire.payloadLength(frame) < 5) {
                return Optional.empty();
            }
            id = frame.getUnsignedIntLE(frame.readerIndex() + Wire.HEADER + 1);
        } else {
            Matcher kill = matcher(command);
            if (!kill.matches()) {
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
        for (Participant participant : session.instance().participants()) {
            if (participant instanceof Session other && other.id() == id) {
                return Optional.of(new Target(other, queryOnly));
            }
        }
        return Optional.empty();
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

    /** The server's rule: one's own account's sessions, or any with CONNECTION ADMIN. */
    private boolean isAllowed(Target target) {
        AccountBook book = session.instance().learned().accounts();
        Optional<Account> killer = session.login().proof().account(book);
        return killer.isPresent()
                && (killer.get().mayKillOthers()
                        || killer.equals(target.session().login().proof().account(book)));
    }

    private void kill(Target target) {
        if (target.queryOnly()) {
            target.session().interrupt();
        } else {
            target.session().kill("it was killed by " + session.describe());
        }
    }
}
