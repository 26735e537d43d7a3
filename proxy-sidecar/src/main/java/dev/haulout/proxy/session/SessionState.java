package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.wake.Demand;
import dev.haulout.proxy.wake.Participant;
import java.util.function.Consumer;

/**
 * Where a session stands. It holds just what that state needs; {@link Session} drives it.
 *
 * <pre>
 * LoggingIn ──accepted asleep──▶ Held ◀──────────parked, or backend lost───────────┐
 *     │                            │ first command that needs the server            │
 *     │                            ▼                                                │
 *     │                       Demanding ──granted──▶ Rebuilding ──▶ Attached ──▶ Asking
 *     └──accepted by the backend─────────────────────────────────▶    │  ▲
 *                                                             command ▼  │ answer whole
 *                                             Preparing ◀────────▶ Running
 *
 * any ──▶ Doomed (the next command gets an error, then the end) ──▶ Closed
 * </pre>
 */
sealed interface SessionState {
    /** Greeted; {@link Login} holds the conversation. */
    record LoggingIn(Login login) implements SessionState {}

    /** No backend connection, nothing in flight. */
    record Held() implements SessionState {}

    /** A command waits for a backend connection. */
    record Demanding(Demand demand) implements SessionState {}

    /** A backend connection logs in and is told the journal. */
    record Rebuilding(BackendConnection backend) implements SessionState {}

    /** A command waits until its statement, or another of the session's, is prepared on the connection. */
    record Preparing(BackendConnection backend) implements SessionState {}

    /** A backend connection, and nothing in flight. */
    record Attached(BackendConnection backend) implements SessionState {}

    /**
     * The server answers a command.
     *
     * @param command what it is
     * @param real whether it counts as activity
     */
    record Running(BackendConnection backend, RunningCommand command, boolean real) implements SessionState {}

    /**
     * The session is asked about itself, to let go of its backend connection.
     *
     * @param answer who asked
     */
    record Asking(BackendConnection backend, Consumer<Participant.Reply> answer) implements SessionState {}

    /** It can't go on; the client will be told when it next says something. */
    record Doomed(SqlError error) implements SessionState {}

    /** Over. */
    record Closed() implements SessionState {}
}
