package dev.haulout.proxy.sql;

import dev.haulout.proxy.sql.Assignment.Value;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Carries out a deferrable {@code SET} on a view of the session, as the server would. */
final class SessionChange {
    private static final String CLIENT = "character_set_client";
    private static final String CONNECTION = "character_set_connection";
    private static final String COLLATION = "collation_connection";
    private static final String RESULTS = "character_set_results";
    private static final String SERVER = "character_set_server";
    private static final String SERVER_COLLATION = "collation_server";

    private final SessionView before;
    private final Map<String, String> changed;
    private final Map<String, String> assigned = new LinkedHashMap<>();
    private int resultsCollation;
    private boolean inTransaction;
    private boolean certain = true;
    private boolean reported = true;

    private SessionChange(SessionView before) {
        this.before = before;
        this.changed = new HashMap<>(before.changed());
        this.resultsCollation = before.resultsCollation();
        this.inTransaction = before.inTransaction();
    }

    /**
     * Applies assignments in order.
     *
     * @return the session afterwards and the variables session tracking looks at, or null when a value is not certain
     */
    static Applied apply(SessionView view, List<Assignment> assignments) {
        SessionChange change = new SessionChange(view);
        for (Assignment assignment : assignments) {
            change.apply(assignment);
        }
        if (!change.certain) {
            return null;
        }
        SessionView after = new SessionView(
                view.capabilities(),
                view.handshakeCollation(),
                change.resultsCollation,
                view.database(),
                change.inTransaction,
                change.changed,
                view.globals());
        return new Applied(after, change.assigned);
    }

    private void apply(Assignment assignment) {
        switch (assignment) {
            case Assignment.UserVariable _ -> {}
            case Assignment.SystemVariable variable -> {
                reported = variable.scope() != Assignment.Scope.BARE;
                variable(variable);
                reported = true;
            }
            case Assignment.Names names -> names(names);
            case Assignment.CharacterSet set -> characterSet(set);
            case Assignment.Isolation(String level) -> {
                set("tx_isolation", level);
                if (before.atLeast(11, 0)) {
                    set("transaction_isolation", level);
                }
            }
            case Assignment.Access(boolean readOnly) -> set("tx_read_only", readOnly ? "ON" : "OFF");
        }
    }

    private void variable(Assignment.SystemVariable variable) {
        String name = variable.name();
        String value = switch (variable.value()) {
            case Value.Default _ -> before.globals().get(name);
            case Value.Appended appended -> appended(appended);
            case Value.Int _, Value.Text _, Value.Word _, Value.Null _ -> KnownVariables.shown(name, variable.value());
        };
        if (value == null) {
            certain = false;
            return;
        }
        switch (name) {
            case "autocommit" -> {
                if (value.equals("ON") && !"ON".equals(now(name))) {
                    inTransaction = false; // turning it on commits
                }
                set(name, value);
            }
            case CLIENT, CONNECTION, RESULTS -> charset(variable, value);
            case SERVER, SERVER_COLLATION, COLLATION -> paired(variable, value);
            case KnownVariables.TRACKED -> {
                // What was assigned before the list changed may be reported or not.
                certain &= Tracking.unnoticed(before, assigned.keySet());
                certain &= Tracking.accepted(before, value);
                set(name, value);
            }
            case "sql_mode" -> {
                String mode = SqlMode.expand(value);
                certain &= mode != null;
                set(name, mode == null ? SessionView.UNKNOWN : mode);
            }
            default -> set(name, value);
        }
    }

    private String appended(Value.Appended appended) {
        String base = appended.global() ? before.globals().get(appended.variable()) : now(appended.variable());
        return base == null ? null : base + appended.suffix();
    }

    private void charset(Assignment.SystemVariable variable, String value) {
        if (variable.value() instanceof Value.Default) {
            certain = false; // the global's collation is not learned
        } else if (value.isEmpty()) {
            set(RESULTS, value);
            resultsCollation = 0;
        } else {
            certain &= known(wordOf(variable.value()));
            // Unlike SET NAMES, which honours character_set_collations.
            SessionView.Charset charset = SessionView.charset(value, "");
            set(variable.name(), value);
            if (variable.name().equals(CONNECTION)) {
                changed.put(COLLATION, charset.collation());
            } else if (variable.name().equals(RESULTS)) {
                resultsCollation = charset.id();
            }
        }
    }

    /** A variable that is one with another: a collation has a character set, and the other way round. */
    private void paired(Assignment.SystemVariable variable, String value) {
        if (variable.value() instanceof Value.Default) {
            certain = false; // the global may be a collation unknown here
            return;
        }
        String name = variable.name();
        set(name, value);
        if (name.equals(SERVER)) {
            certain &= known(wordOf(variable.value()));
            shows(SERVER_COLLATION, SessionView.charset(value, "").collation());
        } else {
            String twin = name.equals(COLLATION) ? CONNECTION : SERVER;
            String charset = Collation.byName(value).charset();
            if (before.atLeast(11, 0)) {
                set(twin, charset); // reported under this name, see Tracking
            } else {
                shows(twin, charset);
            }
        }
    }

    private static String wordOf(Value value) {
        return switch (value) {
            case Value.Text(String text) -> text;
            case Value.Word(String word) -> word;
            case Value.Int _, Value.Default _, Value.Null _, Value.Appended _ -> "";
        };
    }

    private void names(Assignment.Names names) {
        certain &= known(names.charset());
        Collation named = KnownVariables.collation(names);
        SessionView.Charset charset = named == null
                ? charsetOf(KnownVariables.charset(names.charset()))
                : new SessionView.Charset(named.charset(), named.name(), named.id());
        set(CLIENT, charset.name());
        set(CONNECTION, charset.name());
        changed.put(COLLATION, charset.collation());
        set(RESULTS, charset.name());
        resultsCollation = charset.id();
    }

    private void characterSet(Assignment.CharacterSet set) {
        certain &= known(set.charset());
        SessionView.Charset charset = charsetOf(KnownVariables.charset(set.charset()));
        set(CLIENT, charset.name());
        set(CONNECTION, SessionView.UNKNOWN); // the current database's
        changed.put(COLLATION, SessionView.UNKNOWN);
        set(RESULTS, charset.name());
        resultsCollation = charset.id();
    }

    /** Whether that name means the same on this server: {@code utf8} does only under its old meaning. */
    private boolean known(String charset) {
        String mode = before.variable("old_mode");
        return !charset.equalsIgnoreCase("utf8") || (mode != null && SqlMode.has(mode, "UTF8_IS_UTF8MB3"));
    }

    private SessionView.Charset charsetOf(String name) {
        return SessionView.charset(name, before.globals().getOrDefault("character_set_collations", ""));
    }

    private String now(String name) {
        String value = changed.getOrDefault(name, before.globals().get(name));
        return SessionView.UNKNOWN.equals(value) ? null : value;
    }

    private void set(String name, String value) {
        changed.put(name, value);
        if (reported || assigned.containsKey(name)) {
            assigned.put(name, value);
        }
    }

    /** A value that comes with another variable's: reported only where this one was assigned, too. */
    private void shows(String name, String value) {
        changed.put(name, value);
        assigned.replace(name, value);
    }

    /**
     * The outcome.
     *
     * @param view the session after the statement
     * @param assigned the variables assigned in a way that session tracking notices, with what the server shows for them
     */
    record Applied(SessionView view, Map<String, String> assigned) {}
}
