package dev.haulout.e2e.protocol;

import dev.haulout.proxy.protocol.Command;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Says steps on a session and writes down what a client sees. */
final class Conversation {
    private static final int CURSOR = 1;

    /** No server gets that far. */
    private static final int NEVER_PREPARED = 1_000_000;

    private final RawSession session;
    private final Runnable sleep;
    private final Map<Integer, Integer> ids = new HashMap<>();

    /** @param sleep what {@link Step.Sleep} does */
    Conversation(RawSession session, Runnable sleep) {
        this.session = session;
        this.sleep = sleep;
    }

    /** The answer to each step; it ends with the connection. */
    List<String> say(List<Step> steps) {
        List<String> answers = new ArrayList<>();
        for (Step step : steps) {
            try {
                send(step);
                answers.add(read(step));
            } catch (IOException e) {
                answers.add("the connection ended: " + e.getMessage());
                break;
            }
        }
        return answers;
    }

    private int id(int slot) {
        return ids.getOrDefault(slot, NEVER_PREPARED + slot);
    }

    private void send(Step step) throws IOException {
        switch (step) {
            case Step.Sleep s -> sleep.run();
            case Step.Query s -> session.ask(s.sql());
            case Step.Prepare s -> session.send(Command.STMT_PREPARE, RawSession.text(s.sql()));
            case Step.Execute s ->
                session.sendExecute(id(s.slot()), s.cursor() ? CURSOR : 0, encode(s.parameters(), s.types()));
            case Step.LongData s -> session.longData(id(s.slot()), s.parameter(), s.piece());
            case Step.Fetch s ->
                session.send(
                        Command.STMT_FETCH,
                        RawSession.body().writeIntLE(id(s.slot())).writeIntLE(s.rows()));
            case Step.Reset s ->
                session.send(Command.STMT_RESET, RawSession.body().writeIntLE(id(s.slot())));
            case Step.Close s -> session.close(id(s.slot()));
            case Step.ChangeUser s -> session.sendChangeUser(s.user(), s.password(), s.database());
            case Step.FieldList s -> session.send(Command.FIELD_LIST, RawSession.text(s.table() + "\0"));
            case Step.Simple s -> session.send(s.command(), RawSession.text(s.body()));
            case Step.Pipelined s -> {
                send(s.first());
                send(s.second());
            }
        }
    }

    private String read(Step step) throws IOException {
        return switch (step) {
            case Step.Sleep s -> "";
            case Step.Query s -> session.results(0);
            case Step.Prepare s -> prepared(s.slot());
            case Step.Execute s -> session.results(id(s.slot()));
            case Step.LongData s -> "";
            case Step.Fetch s -> session.rows();
            case Step.Reset s -> session.answer();
            case Step.Close s -> {
                ids.remove(s.slot());
                yield "";
            }
            case Step.ChangeUser s -> session.userChanged(s.password());
            case Step.FieldList s -> session.rows();
            // the server's counters and times differ from moment to moment
            case Step.Simple s
            when s.command() == Command.STATISTICS ->
                new String(HexFormat.of().parseHex(session.answer()), StandardCharsets.US_ASCII)
                        .replaceAll("[0-9.]+", "n");
            case Step.Simple s -> session.answer();
            case Step.Pipelined s -> {
                session.expectAnswer();
                String first = read(s.first());
                session.expectAnswer();
                yield first + " | " + read(s.second());
            }
        };
    }

    /** The statement's id is the door's own: it is left out. */
    private String prepared(int slot) throws IOException {
        int id = session.prepared();
        if (id < 0) {
            ids.remove(slot);
            return "error " + -id;
        }
        ids.put(slot, id);
        return "prepared " + session.columns(id);
    }

    private static ByteBuf encode(List<Step.Value> values, boolean types) {
        ByteBuf body = RawSession.body();
        if (values.isEmpty()) {
            return body;
        }
        byte[] nulls = new byte[(values.size() + 7) / 8];
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) instanceof Step.Value.Null) {
                nulls[i / 8] |= (byte) (1 << i % 8);
            }
        }
        body.writeBytes(nulls).writeBoolean(types);
        if (types) {
            values.forEach(value -> body.writeByte(value.type()).writeByte(0));
        }
        values.forEach(value -> value.write(body));
        return body;
    }
}
