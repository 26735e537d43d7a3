package dev.haulout.proxy.sql;

import java.util.HashMap;
import java.util.Map;

/**
 * A session as its backend would see it, as far as replies depend on it. Immutable; a variable that is not known makes
 * the replies that depend on it a wake, never a guess.
 *
 * @param capabilities the flags client and server agreed on; MariaDB's extended ones in the upper 32 bits
 * @param handshakeCollation the collation number of the client's handshake response, which COM_RESET_CONNECTION restores
 * @param resultsCollation the collation number the server puts on string columns, 0 when {@code character_set_results}
 *     is NULL, -1 when not known. After an awake phase it is the character set field of any string column the server
 *     sent last
 * @param database the current database, or null for none
 * @param inTransaction whether a transaction is open
 * @param changed session variables that differ from the globals, by lower-case name, as the server shows them;
 *     {@link #UNKNOWN} for one that changed in a way that was not seen
 * @param globals what {@link #GLOBALS_QUERY} gave last, by lower-case name
 */
public record SessionView(
        long capabilities,
        int handshakeCollation,
        int resultsCollation,
        String database,
        boolean inTransaction,
        Map<String, String> changed,
        Map<String, String> globals) {

    /** In {@link #changed}: the variable has some value of its own, not known here. */
    public static final String UNKNOWN = "\0";

    /** In {@link #globals}: what the server calls the collation 255, which clients send to servers of MySQL 8's age. */
    private static final String COLLATION_255 = "collation_255";

    /** Learns the globals from an awake server: two columns, name and value. */
    public static final String GLOBALS_QUERY = "SELECT LOWER(VARIABLE_NAME), GLOBAL_VALUE"
            + " FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME IN ("
            + "'auto_increment_increment','autocommit','character_set_client','character_set_connection',"
            + "'character_set_results','character_set_server','character_set_collations','collation_connection',"
            + "'collation_server','completion_type','init_connect','interactive_timeout','license',"
            + "'lower_case_table_names','max_allowed_packet','net_buffer_length','net_write_timeout','old_mode',"
            + "'performance_schema','query_cache_size','query_cache_type','session_track_schema',"
            + "'session_track_state_change','session_track_system_variables','session_track_transaction_info',"
            + "'sql_mode','sql_select_limit','system_time_zone','time_zone','transaction_isolation','tx_isolation',"
            + "'tx_read_only','version','version_comment','wait_timeout')"
            + " UNION ALL SELECT '" + COLLATION_255 + "', COLLATION_NAME FROM information_schema.COLLATIONS"
            + " WHERE ID = 255";

    private static final String UCA = "_uca1400_ai_ci";

    public SessionView {
        changed = Map.copyOf(changed);
        globals = Map.copyOf(globals);
    }

    /**
     * A session right after its login.
     *
     * @param capabilities the agreed flags
     * @param handshakeCollation the collation number of the handshake response
     * @param database the current database, or null
     * @param globals see {@link #GLOBALS_QUERY}; null values left out
     */
    public static SessionView fresh(
            long capabilities, int handshakeCollation, String database, Map<String, String> globals) {
        Collation collation = handshakeCollation == Collation.OF_MYSQL_8.id()
                        && Collation.OF_MYSQL_8.name().equals(globals.get(COLLATION_255))
                ? Collation.OF_MYSQL_8
                : Collation.byId(handshakeCollation);
        Charset charset = new Charset(UNKNOWN, UNKNOWN, -1);
        if (collation != null) {
            charset = collation.isDefault()
                    ? charset(collation.charset(), globals.getOrDefault("character_set_collations", ""))
                    : new Charset(collation.charset(), collation.name(), collation.id());
        }
        Map<String, String> changed = new HashMap<>();
        changed.put("character_set_client", charset.name());
        changed.put("character_set_connection", charset.name());
        changed.put("collation_connection", charset.collation());
        changed.put("character_set_results", charset.name());
        if ((capabilities & Packets.CLIENT_INTERACTIVE) != 0) {
            changed.put("wait_timeout", globals.getOrDefault("interactive_timeout", UNKNOWN));
        }
        return new SessionView(
                capabilities, handshakeCollation, charset.id(), database, false, changed, Map.copyOf(globals));
    }

    /** The session's value of a variable (lower-case name) as the server shows it, or null when it is not known. */
    public String variable(String name) {
        String value = changed.getOrDefault(name, globals.get(name));
        return UNKNOWN.equals(value) ? null : value;
    }

    /** Whether autocommit is known to be on. */
    public boolean autocommit() {
        return "ON".equals(variable("autocommit"));
    }

    /** The status flags of the session's next OK packet; 16 bits, as far as variables are known. */
    public int status() {
        String mode = variable("sql_mode");
        return (inTransaction ? Packets.IN_TRANSACTION : 0)
                | (autocommit() ? Packets.AUTOCOMMIT : 0)
                | (mode != null && SqlMode.has(mode, "NO_BACKSLASH_ESCAPES") ? Packets.NO_BACKSLASH_ESCAPES : 0)
                | (mode != null && SqlMode.has(mode, "ANSI_QUOTES") ? Packets.ANSI_QUOTES : 0);
    }

    /** The same session with other capabilities, as COM_SET_OPTION makes it. */
    public SessionView withCapabilities(long flags) {
        return new SessionView(flags, handshakeCollation, resultsCollation, database, inTransaction, changed, globals);
    }

    /** The same session in another database. */
    public SessionView withDatabase(String name) {
        return new SessionView(
                capabilities, handshakeCollation, resultsCollation, name, inTransaction, changed, globals);
    }

    /** The same session in or out of a transaction. */
    public SessionView withTransaction(boolean open) {
        return new SessionView(capabilities, handshakeCollation, resultsCollation, database, open, changed, globals);
    }

    boolean has(long capability) {
        return (capabilities & capability) != 0;
    }

    /** Whether the server's version is at least this one; false when it is not known. */
    boolean atLeast(int major, int minor) {
        String[] parts = globals.getOrDefault("version", "0.0").split("[.-]", 3);
        try {
            int actual = Integer.parseInt(parts[0]);
            return actual > major || (actual == major && Integer.parseInt(parts[1]) >= minor);
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            return false;
        }
    }

    /**
     * A character set with its default collation, which {@code character_set_collations} (11.2 and later) may redefine.
     * Collations of UCA 14 have numbers beyond one byte and are announced under those of their elder kin.
     */
    static Charset charset(String name, String redefined) {
        for (String pair : redefined.split(",", -1)) {
            if (pair.startsWith(name + "=")) {
                String collation = pair.substring(name.length() + 1);
                int id = collation.equals("utf8mb4" + UCA) ? 224 : collation.equals("utf8mb3" + UCA) ? 192 : -1;
                return new Charset(name, collation, id);
            }
        }
        Collation collation = Collation.defaultOf(name);
        if (collation == null) {
            return new Charset(name, name.equals("binary") ? name : UNKNOWN, -1);
        }
        return new Charset(name, collation.name(), collation.id());
    }

    /**
     * A character set in use.
     *
     * @param name as shown
     * @param collation its collation's name
     * @param id the number that stands for it in column definitions, -1 when not known
     */
    record Charset(String name, String collation, int id) {}
}
