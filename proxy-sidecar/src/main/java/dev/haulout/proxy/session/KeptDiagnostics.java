package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code SHOW WARNINGS} and its like would show of the statement before. A connection that is asked about itself
 * forgets it, and no other connection has it, so it is asked for first and told to the client in the server's words, for as
 * long as the client says nothing else.
 */
final class KeptDiagnostics {
    /** Uses no table, which would clear what it asks for. */
    private static final String COUNT = "SELECT @@warning_count";

    private static final List<String> QUESTIONS =
            List.of("SHOW WARNINGS", "SHOW ERRORS", "SHOW COUNT(*) WARNINGS", "SHOW COUNT(*) ERRORS");

    /** Who puts more blanks in than that gets no answer from here. */
    private static final int LONGEST = 40;

    private final Session session;
    private Map<String, byte[]> answers = Map.of();

    KeptDiagnostics(Session session) {
        this.session = session;
    }

    /** Asks for it where there is something, and then goes on with {@code then}. */
    void ask(BackendConnection backend, Runnable then) {
        backend.query(COUNT, result -> {
            boolean nothing = result.error() != null
                    || result.rows().isEmpty()
                    || "0".equals(result.text().getFirst().getFirst());
            if (nothing) { // what is kept from an earlier time stays: that time has cleared it on the connection
                then.run();
            } else {
                ask(backend, new HashMap<>(), 0, then);
            }
        });
    }

    private void ask(BackendConnection backend, Map<String, byte[]> told, int at, Runnable then) {
        if (at == QUESTIONS.size()) {
            answers = told;
            then.run();
            return;
        }
        String question = QUESTIONS.get(at);
        backend.queryRaw(question, answer -> {
            told.put(question, answer);
            ask(backend, told, at + 1, then);
        });
    }

    /** The client says something: whatever may have diagnostics of its own ends what is kept. */
    void said(RunningCommand command, boolean inTransaction) {
        if (!answers.isEmpty() && (command.listed() || !command.leavesAnswers(inTransaction))) {
            forget();
        }
    }

    void forget() {
        answers = Map.of();
    }

    /** Answers the client's next command, where it asks for what is kept. */
    boolean settled(RunningCommand command) {
        if (answers.isEmpty() || command.command() != Command.QUERY || command.body().length > LONGEST) {
            return false;
        }
        byte[] answer = answers.get(normal(command.body()));
        if (answer == null || Wire.sequence(session.peek()) != 0) {
            return false;
        }
        session.answering(session.peek());
        session.take().release();
        session.send(Unpooled.wrappedBuffer(answer));
        return true;
    }

    private static String normal(byte[] text) {
        String words = new String(text, StandardCharsets.ISO_8859_1)
                .strip()
                .toUpperCase(Locale.ROOT)
                .replaceAll("\\s+", " ");
        return words.endsWith(";") ? words.substring(0, words.length() - 1).strip() : words;
    }
}
