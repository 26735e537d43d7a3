package dev.haulout.proxy.sql;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The session state changes an OK packet reports to clients with CLIENT_SESSION_TRACK. The order of several variables in
 * one packet is that of a hash over addresses in the server's memory (on 10.x it differs from start to start of the same
 * server), so any order is one the server might have used.
 */
final class Tracking {
    private static final int SYSTEM_VARIABLE = 0;
    private static final int SCHEMA = 1;

    private static final byte[] NOTHING = {};

    /** Variables that are bits of one word: from 11.x on the server reports a change of one under another's name. */
    private static final Set<String> BITS = Set.of(
            "autocommit",
            "foreign_key_checks",
            "unique_checks",
            "check_constraint_checks",
            "sql_safe_updates",
            "sql_big_selects",
            "sql_auto_is_null",
            "sql_quote_show_create",
            "sql_log_off",
            "sql_log_bin",
            "sql_notes",
            "sql_warnings",
            "profiling",
            "big_tables",
            "sql_buffer_result");

    /** Variables with one place in memory for two, which 11.x takes for each other as it does {@link #BITS}. */
    private static final Map<String, String> TWINS = Map.of(
            "character_set_connection", "collation_connection",
            "collation_connection", "character_set_connection",
            "character_set_server", "collation_server",
            "collation_server", "character_set_server");

    private static final Set<String> CERTAIN = Set.of(
            "autocommit",
            "character_set_client",
            "character_set_connection",
            "character_set_results",
            "time_zone",
            "tx_isolation",
            "transaction_isolation");

    private Tracking() {}

    /**
     * What is reported after system variables were assigned.
     *
     * @param view the session after the assignments
     * @param assigned the variables assigned, with the values shown afterwards
     * @return the items, empty when there are none, or null when they are not certain
     */
    static byte[] variables(SessionView view, Map<String, String> assigned) {
        if (!view.has(Packets.CLIENT_SESSION_TRACK)) {
            return NOTHING;
        }
        Set<String> tracked = list(view.variable(KnownVariables.TRACKED));
        if (tracked.contains("*") || (tracked.contains("tx_isolation") && tracked.contains("transaction_isolation"))) {
            return null;
        }
        Packets.Writer out = new Packets.Writer();
        for (Map.Entry<String, String> variable : assigned.entrySet()) {
            String name = variable.getKey();
            if (collides(view, name, tracked)) {
                return null;
            }
            if (tracked.contains(name)) {
                if (!CERTAIN.contains(name) || variable.getValue().equals(SessionView.UNKNOWN)) {
                    return null;
                }
                item(out, name, variable.getValue());
            }
        }
        return out.bytes();
    }

    private static void item(Packets.Writer out, String name, String value) {
        byte[] pair = new Packets.Writer().prefixed(name).prefixed(value).bytes();
        out.one(SYSTEM_VARIABLE).prefixed(pair);
    }

    private static boolean collides(SessionView view, String name, Set<String> tracked) {
        if (!view.atLeast(11, 0)) {
            return false;
        }
        String twin = TWINS.get(name);
        boolean asTwin = twin != null && tracked.contains(twin) && !CERTAIN.contains(twin);
        boolean asBit =
                BITS.contains(name) && tracked.stream().anyMatch(other -> BITS.contains(other) && !other.equals(name));
        return asTwin || asBit;
    }

    /** What is reported after the current database was chosen: its name, unless the session wants none. */
    static byte[] schema(SessionView view) {
        if (!view.has(Packets.CLIENT_SESSION_TRACK) || !"ON".equals(view.variable("session_track_schema"))) {
            return NOTHING;
        }
        byte[] name = new Packets.Writer().prefixed(view.database()).bytes();
        return new Packets.Writer().one(SCHEMA).prefixed(name).bytes();
    }

    /** Whether all that decides about tracking is known, and nothing is tracked but variables and the database. */
    static boolean certain(SessionView view) {
        return !view.has(Packets.CLIENT_SESSION_TRACK)
                || ("OFF".equals(view.variable("session_track_state_change"))
                        && "OFF".equals(view.variable("session_track_transaction_info"))
                        && view.variable("session_track_schema") != null
                        && view.variable(KnownVariables.TRACKED) != null);
    }

    /** Whether a server of that session's version takes every name of that list. */
    static boolean accepted(SessionView view, String names) {
        Set<String> list = list(names);
        return !list.contains("*")
                && (!list.contains("transaction_isolation") || view.atLeast(11, 4))
                && (!list.contains("redirect_url") || view.atLeast(11, 4));
    }

    /** Whether the server reports none of these variables under any name, or the client does not want reports. */
    static boolean unnoticed(SessionView view, Set<String> assigned) {
        if (!view.has(Packets.CLIENT_SESSION_TRACK)) {
            return true;
        }
        Set<String> tracked = list(view.variable(KnownVariables.TRACKED));
        return !tracked.contains("*")
                && assigned.stream().noneMatch(name -> tracked.contains(name) || collides(view, name, tracked));
    }

    private static Set<String> list(String names) {
        List<String> parts = names.isEmpty() ? List.of() : Arrays.asList(names.split(",", -1));
        return new LinkedHashSet<>(parts);
    }
}
