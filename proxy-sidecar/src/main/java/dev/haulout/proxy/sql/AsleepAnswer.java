package dev.haulout.proxy.sql;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The replies of a sleeping instance: byte for byte what its server would send to that session, or a wake. Knows nothing
 * of privileges; the caller does, and does not ask for sessions the server would restrict (an expired password).
 */
public final class AsleepAnswer {
    private static final Pattern DATABASE = Pattern.compile("[A-Za-z0-9_$-]{1,64}");
    private static final Set<String> VIRTUAL = Set.of("information_schema", "performance_schema", "sys", "mysql");

    private AsleepAnswer() {}

    /**
     * The reply to COM_QUERY.
     *
     * @param view the session
     * @param statement what was asked
     * @param mayUse whether a database exists and the account may use it, both beyond doubt
     */
    public static Answer query(SessionView view, Statement statement, Predicate<String> mayUse) {
        if (!certain(view)) {
            return new Answer.Wake("the session's variables are not known well enough");
        }
        return switch (statement) {
            case Statement.Select select -> ResultSet.of(view, select);
            case Statement.Do _ -> ok(view, false);
            case Statement.SetVariables set -> set(view, set);
            case Statement.Use(String database) -> use(view, database, mayUse);
            case Statement.Begin _ -> begin(view);
            case Statement.Commit _, Statement.Rollback _ -> end(view);
            case Statement.Other other -> new Answer.Wake("only the server can answer " + named(other));
        };
    }

    /** The reply to COM_PING. */
    public static Answer ping(SessionView view) {
        return certain(view) ? ok(view, false) : new Answer.Wake("the session's status is not known");
    }

    /**
     * The reply to COM_INIT_DB.
     *
     * @param view the session
     * @param name the database as sent
     * @param mayUse whether a database exists and the account may use it, both beyond doubt
     */
    public static Answer initDb(SessionView view, byte[] name, Predicate<String> mayUse) {
        return certain(view)
                ? use(view, new String(name, StandardCharsets.ISO_8859_1), mayUse)
                : new Answer.Wake("the session's variables are not known well enough");
    }

    /** The reply to COM_RESET_CONNECTION: keeps the database, forgets variables and transaction. */
    public static Answer resetConnection(SessionView view) {
        // The timeout of interactive clients is given at login only.
        long login = view.capabilities() & ~Packets.CLIENT_INTERACTIVE;
        SessionView reset = SessionView.fresh(login, view.handshakeCollation(), view.database(), view.globals())
                .withCapabilities(view.capabilities());
        return certain(reset) ? ok(reset, true) : new Answer.Wake("the server's defaults are not known");
    }

    /**
     * The reply to COM_SET_OPTION.
     *
     * @param view the session
     * @param option 0 to allow several statements in one command, 1 to forbid them
     */
    public static Answer setOption(SessionView view, int option) {
        if (!certain(view) || option < 0 || option > 1) {
            return new Answer.Wake("only the server can answer COM_SET_OPTION " + option);
        }
        long capabilities = option == 0
                ? view.capabilities() | Packets.CLIENT_MULTI_STATEMENTS
                : view.capabilities() & ~Packets.CLIENT_MULTI_STATEMENTS;
        return new Answer.Packets(
                List.of(Packets.end(capabilities, view.status())), view.withCapabilities(capabilities), true);
    }

    /** The OK packet that ends a login; nothing of it needs replaying. */
    public static Answer loginOk(SessionView view) {
        String initConnect = view.globals().get("init_connect");
        if (!certain(view) || initConnect == null || !initConnect.isEmpty()) {
            return new Answer.Wake("the server's defaults are not known, or init_connect is set");
        }
        byte[] tracked = view.database() == null ? new byte[0] : Tracking.schema(view);
        return new Answer.Packets(List.of(Packets.ok(view.status(), tracked)), view, false);
    }

    private static boolean certain(SessionView view) {
        String mode = view.variable("sql_mode");
        return view.has(Packets.CLIENT_PROTOCOL_41)
                && view.variable("autocommit") != null
                && mode != null
                && SqlMode.understood(mode)
                && Tracking.certain(view);
    }

    private static String named(Statement.Other other) {
        return other.keyword().isEmpty() ? "it" : other.keyword();
    }

    private static Answer ok(SessionView view, boolean replay) {
        return new Answer.Packets(List.of(Packets.ok(view.status(), new byte[0])), view, replay);
    }

    private static Answer set(SessionView view, Statement.SetVariables set) {
        SessionChange.Applied applied = set.deferrable() ? SessionChange.apply(view, set.assignments()) : null;
        if (applied == null || !certain(applied.view())) {
            return new Answer.Wake("only the server can check this SET");
        }
        byte[] tracked = Tracking.variables(applied.view(), applied.assigned());
        if (tracked == null) {
            return new Answer.Wake("what the server reports about this SET is not certain");
        }
        return new Answer.Packets(List.of(Packets.ok(applied.view().status(), tracked)), applied.view(), true);
    }

    private static Answer use(SessionView view, String database, Predicate<String> mayUse) {
        String lower = database.toLowerCase(Locale.ROOT);
        boolean asWritten = database.equals(lower)
                || ("0".equals(view.globals().get("lower_case_table_names")) && !VIRTUAL.contains(lower));
        if (!DATABASE.matcher(database).matches() || !asWritten || !mayUse.test(database)) {
            return new Answer.Wake("only the server can tell whether this database may be used");
        }
        SessionView used = view.withDatabase(database);
        return new Answer.Packets(List.of(Packets.ok(used.status(), Tracking.schema(used))), used, true);
    }

    private static Answer begin(SessionView view) {
        if (!"OFF".equals(view.variable("tx_read_only"))) {
            return new Answer.Wake("transactions of this session are read-only, or may be");
        }
        return ok(view.withTransaction(true), true);
    }

    private static Answer end(SessionView view) {
        String completion = view.variable("completion_type");
        if (!"NO_CHAIN".equals(completion)) {
            return new Answer.Wake("completion_type is not NO_CHAIN");
        }
        return ok(view.withTransaction(false), view.inTransaction());
    }
}
