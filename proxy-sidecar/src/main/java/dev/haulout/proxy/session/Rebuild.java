package dev.haulout.proxy.session;

import dev.haulout.proxy.backend.BackendConnection;
import dev.haulout.proxy.backend.QueryResult;
import dev.haulout.proxy.protocol.SqlError;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Makes a fresh backend connection the session that was: after the login, every statement of the journal in order. */
final class Rebuild implements BackendConnection.Entrance {
    private static final int TOO_MANY_CONNECTIONS = 1040;
    private static final int TOO_MANY_OF_THIS_USER = 1203;

    /** Why a session could not be rebuilt. */
    sealed interface Failure {
        /** The server could not be reached, or is full: it may be tried again. */
        record Unreachable(String why) implements Failure {}

        /** The server refused the login. */
        record Refused(SqlError error) implements Failure {}

        /** A statement that had worked before was refused: the session would not be the same. */
        record NotTheSame(SqlError error) implements Failure {}
    }

    private final SessionProfile profile;
    private final BiConsumer<BackendConnection, List<SqlError>> done;
    private final Consumer<Failure> failed;
    private final List<SqlError> brokenPromises = new ArrayList<>();

    /**
     * @param done takes the connection, and the errors of statements that the client had been told OK for
     * @param failed told otherwise; a connection that was made is still open then
     */
    Rebuild(SessionProfile profile, BiConsumer<BackendConnection, List<SqlError>> done, Consumer<Failure> failed) {
        this.profile = profile;
        this.done = done;
        this.failed = failed;
    }

    /** What the login names; the empty string where the database is chosen after it. */
    static String databaseAtLogin(SessionProfile profile) {
        return isPlain(profile.database()) ? profile.database() : "";
    }

    /** The server reads the name in the character set that the client announced, and any may be. */
    private static boolean isPlain(String name) {
        return name.chars().allMatch(c -> c < 0x80);
    }

    @Override
    public void loggedIn(BackendConnection connection, ByteBuf ok) {
        if (isPlain(profile.database())) {
            replay(connection, profile.statements(), 0);
        } else {
            ask(connection, "SELECT @@character_set_client", charset -> useDatabase(connection, charset));
        }
    }

    private void useDatabase(BackendConnection connection, QueryResult charset) {
        String back = "SET character_set_client = " + charset.text().getFirst().getFirst();
        ask(
                connection,
                "SET character_set_client = utf8mb4",
                utf8 -> connection.useDatabase(profile.database(), error -> {
                    if (error == null) {
                        ask(connection, back, done -> replay(connection, profile.statements(), 0));
                    } else {
                        failed.accept(new Failure.Refused(error));
                    }
                }));
    }

    private void ask(BackendConnection connection, String sql, Consumer<QueryResult> then) {
        connection.query(sql, result -> {
            if (result.error() == null) {
                then.accept(result);
            } else {
                failed.accept(new Failure.NotTheSame(result.error()));
            }
        });
    }

    private void replay(BackendConnection connection, List<Journal.Entry> entries, int at) {
        if (at == entries.size()) {
            profile.rebuilt();
            done.accept(connection, brokenPromises);
            return;
        }
        Journal.Entry entry = entries.get(at);
        connection.query(entry.sql(), result -> {
            if (result.error() != null && !entry.promised()) {
                failed.accept(new Failure.NotTheSame(result.error()));
                return;
            }
            if (result.error() != null) {
                profile.forget(entry);
                brokenPromises.add(result.error());
            }
            replay(connection, entries, at + 1);
        });
    }

    @Override
    public void refused(SqlError error) {
        boolean full = error.code() == TOO_MANY_CONNECTIONS || error.code() == TOO_MANY_OF_THIS_USER;
        failed.accept(full ? new Failure.Unreachable(error.message()) : new Failure.Refused(error));
    }

    @Override
    public void failed(IOException cause) {
        failed.accept(new Failure.Unreachable(cause.getMessage()));
    }
}
