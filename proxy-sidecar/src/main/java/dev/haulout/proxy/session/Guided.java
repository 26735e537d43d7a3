package dev.haulout.proxy.session;

import dev.haulout.proxy.account.ClientPlugin;
import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.AuthSwitch;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/** What a session at a scripted door asks its {@link Guide}; the client's commands wait for the answers. */
final class Guided {
    private final Session session;
    private final Guide.Visit visit;
    private boolean waits;
    private ByteBuf approved;

    Guided(Session session, Guide guide) {
        this.session = session;
        this.visit = guide.visit(new Visitor());
    }

    /** How to receive the client; {@code then} runs on the session's event loop. */
    void arrived(Consumer<Guide.Reception> then) {
        visit.arrived(reception -> onLoop(() -> then.accept(reception)));
    }

    /** Where to lead it. */
    void asked(HandshakeResponse response, Consumer<Guide.Lead> then) {
        visit.asked(response, lead -> onLoop(() -> then.accept(lead)));
    }

    /** The client has been told that it is logged in. */
    void loggedIn() {
        waits = true;
        BackendConnection backend = session.backend();
        String version = backend == null
                ? session.instance().learned().identity().version()
                : backend.greeting().serverVersion();
        visit.loggedIn(
                session.instance(),
                version,
                stays -> onLoop(() -> {
                    waits = false;
                    if (stays) {
                        session.pump();
                    } else {
                        session.channel().close();
                    }
                }));
    }

    /** Whether the client's next command may be carried out now; if not, the session is pumped once it may. */
    boolean letsPass() {
        if (waits) {
            return false;
        }
        ByteBuf frame = session.peek();
        if (frame == approved || !visit.choosesDatabases() || Wire.firstByte(frame) != Command.INIT_DB) {
            return true;
        }
        waits = true;
        visit.database(
                database(frame),
                choice -> onLoop(() -> {
                    waits = false;
                    switch (choice) {
                        case Guide.Choice.Refused refused -> session.answerWith(refused.error());
                        case Guide.Choice.Use use -> use(use.database());
                    }
                    session.pump();
                }));
        return false;
    }

    private void use(String database) {
        ByteBuf asked = session.take();
        byte[] name = database.getBytes(StandardCharsets.UTF_8);
        approved = Wire.frame(
                session.alloc(),
                Wire.sequence(asked),
                Unpooled.buffer(1 + name.length).writeByte(Command.INIT_DB).writeBytes(name));
        asked.release();
        session.putBack(approved);
    }

    private static String database(ByteBuf frame) {
        int header = Wire.HEADER + 1;
        return frame.toString(frame.readerIndex() + header, frame.readableBytes() - header, StandardCharsets.UTF_8);
    }

    /** The client has gone. */
    void left() {
        visit.left();
    }

    private void onLoop(Runnable task) {
        session.loop().execute(() -> {
            if (!(session.state() instanceof SessionState.Closed)) {
                task.run();
            }
        });
    }

    private final class Visitor implements Guide.Visitor {
        @Override
        public ClientAddress address() {
            return session.address();
        }

        @Override
        public void askPassword(boolean anywhere, Consumer<Optional<byte[]>> then) {
            onLoop(() -> session.login().askPassword(anywhere, then));
        }

        @Override
        public void end(Optional<SqlError> error) {
            onLoop(() -> {
                if (error.isEmpty() || !session.isLoggedIn()) {
                    session.channel().close();
                } else {
                    session.ending().now(error.get());
                }
            });
        }
    }

    /** Asks the client for its password, which is to say that it proves itself by nothing less. */
    static AuthSwitch passwordRequest() {
        return new AuthSwitch(ClientPlugin.CLEAR_PASSWORD, new byte[0]);
    }

    /** A password as packets have it, without the NUL that ends it. */
    static byte[] password(byte[] sent) {
        boolean ends = sent.length > 0 && sent[sent.length - 1] == 0;
        return ends ? Arrays.copyOf(sent, sent.length - 1) : sent;
    }
}
