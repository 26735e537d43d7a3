package dev.haulout.proxy.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The proxy's replies compared, byte for byte, with those of real servers of two major versions. */
class AsleepAnswerServerTest {
    private static final long DEPRECATE_EOF = Packets.CLIENT_DEPRECATE_EOF;
    private static final long SESSION_TRACK = Packets.CLIENT_SESSION_TRACK;
    private static final long PROGRESS = 1L << 32;
    private static final long MARIADB = PROGRESS | 1L << 34 | Packets.EXTENDED_METADATA | Packets.CACHE_METADATA;

    private static final List<Long> CAPABILITIES = List.of(
            WireClient.CLASSIC,
            WireClient.CLASSIC | DEPRECATE_EOF,
            WireClient.CLASSIC | DEPRECATE_EOF | Packets.CLIENT_INTERACTIVE,
            WireClient.CLASSIC | SESSION_TRACK,
            WireClient.CLASSIC | DEPRECATE_EOF | SESSION_TRACK,
            (WireClient.CLASSIC & ~1L) | MARIADB,
            (WireClient.CLASSIC & ~1L) | PROGRESS | DEPRECATE_EOF | SESSION_TRACK,
            (WireClient.CLASSIC & ~1L) | Packets.EXTENDED_METADATA | DEPRECATE_EOF,
            (WireClient.CLASSIC & ~1L) | MARIADB | DEPRECATE_EOF | SESSION_TRACK);

    private static final List<Integer> COLLATIONS =
            List.of(45, 8, 33, 46, 224, 83, 47, 11, 192, 246, 5, 63, 28, 13, 255, 0);

    private static final Predicate<String> MAY_USE = Set.of("mysql", "one", "Two", "information_schema")::contains;

    private static final List<String> SHOWN = List.of(
            "autocommit",
            "character_set_client",
            "character_set_connection",
            "character_set_results",
            "character_set_server",
            "collation_connection",
            "collation_server",
            "foreign_key_checks",
            "group_concat_max_len",
            "session_track_schema",
            "session_track_state_change",
            "sql_mode",
            "sql_select_limit",
            "time_zone",
            "tx_isolation",
            "tx_read_only",
            "unique_checks",
            "wait_timeout");

    private static List<RealServer> servers = List.of();

    private final List<Runnable> undo = new ArrayList<>();

    @BeforeAll
    static void start() {
        servers = RealServer.startAll();
        for (RealServer server : servers) {
            try (WireClient root = root(server)) {
                root.query("CREATE DATABASE one");
                root.query("CREATE DATABASE Two");
            }
        }
    }

    @AfterAll
    static void stop() {
        servers.forEach(RealServer::close);
    }

    @AfterEach
    void restoreGlobals() {
        undo.reversed().forEach(Runnable::run);
    }

    @Test
    void loginsAreAnsweredAsTheServerWould() {
        for (RealServer server : servers) {
            Map<String, String> globals = globals(server);
            for (long capabilities : CAPABILITIES) {
                for (int collation : COLLATIONS) {
                    for (String database : new String[] {null, "mysql"}) {
                        SessionView view = SessionView.fresh(capabilities, collation, database, globals);
                        try (WireClient client = new WireClient(server, capabilities, collation, database)) {
                            assertSame(AsleepAnswer.loginOk(view), List.of(client.login()), server + " login");
                        }
                    }
                }
            }
        }
    }

    @Test
    void whatDriversSendFirstIsAnsweredWithoutTheServer() {
        List<String> statements = List.of(
                "SELECT 1",
                "select 'x'",
                "SELECT 1 FROM DUAL;",
                "/* ping */ SELECT 1",
                "SELECT 'x' AS `y`",
                "select @@version_comment limit 1",
                "SELECT @@version",
                "SELECT VERSION()",
                "SELECT DATABASE()",
                "USE one",
                "SELECT DATABASE()",
                "DO 1",
                "SET autocommit=1",
                "SET autocommit=0",
                "ROLLBACK",
                "SET autocommit=1",
                "BEGIN",
                "SELECT 1",
                "COMMIT",
                "SET NAMES utf8mb4",
                "SET NAMES utf8",
                "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci",
                "SET NAMES 'latin1'",
                "SELECT 'x'",
                "SET time_zone='+00:00'",
                "SET character_set_results=NULL",
                "SELECT 1",
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                "SET SESSION TRANSACTION READ ONLY",
                "SET SESSION TRANSACTION READ WRITE",
                "SET sql_mode='STRICT_TRANS_TABLES'",
                "SET sql_mode='ANSI'",
                "SELECT 1",
                "set sql_mode=CONCAT(@@sql_mode,',STRICT_TRANS_TABLES'),session_track_system_variables ="
                        + " CONCAT(@@global.session_track_system_variables,',tx_isolation'),NAMES utf8mb4",
                "SELECT @@sql_mode",
                "SET sql_mode=CONCAT(@@sql_mode,',ANSI_QUOTES')",
                "SELECT @@sql_mode",
                "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                "SET SESSION wait_timeout=600, @a='b'",
                "SET NAMES 'utf8mb4'",
                "SET character_set_server = 'utf8mb4'",
                "SET collation_connection = 'utf8mb4_unicode_ci'",
                "SELECT 'x', @@collation_connection, @@character_set_connection",
                "SET collation_server = 'utf8mb4_unicode_ci'",
                "SELECT @@collation_server, @@character_set_server",
                "SELECT @@wait_timeout, @@global.wait_timeout AS g, 1, 'x'",
                "/* mysql-connector-j-9.5.0 */SELECT  @@session.auto_increment_increment AS auto_increment_increment,"
                        + " @@character_set_client AS character_set_client, @@character_set_connection AS"
                        + " character_set_connection, @@character_set_results AS character_set_results,"
                        + " @@character_set_server AS character_set_server, @@collation_server AS collation_server,"
                        + " @@collation_connection AS collation_connection, @@init_connect AS init_connect,"
                        + " @@interactive_timeout AS interactive_timeout, @@license AS license, @@lower_case_table_names"
                        + " AS lower_case_table_names, @@max_allowed_packet AS max_allowed_packet, @@net_write_timeout AS"
                        + " net_write_timeout, @@performance_schema AS performance_schema, @@query_cache_size AS"
                        + " query_cache_size, @@query_cache_type AS query_cache_type, @@sql_mode AS sql_mode,"
                        + " @@system_time_zone AS system_time_zone, @@time_zone AS time_zone, @@tx_isolation AS"
                        + " tx_isolation, @@wait_timeout AS wait_timeout");
        for (RealServer server : servers) {
            Map<String, String> globals = globals(server);
            for (long capabilities : CAPABILITIES) {
                for (int collation : List.of(45, 8, 33)) {
                    SessionView view = SessionView.fresh(capabilities, collation, null, globals);
                    try (WireClient client = new WireClient(server, capabilities, collation, null)) {
                        for (String text : statements) {
                            Answer answer = AsleepAnswer.query(view, Statement.read(ascii(text)), MAY_USE);
                            view = assertSame(answer, client.query(text), server + ": " + text);
                        }
                    }
                }
            }
        }
    }

    @Test
    void mariadbConnectorOnElevenIsAnsweredToo() {
        RealServer eleven = servers.getLast();
        long capabilities = CAPABILITIES.getLast();
        SessionView view = SessionView.fresh(capabilities, 45, null, globals(eleven));
        String text = "set session_track_system_variables ="
                + " CONCAT(@@global.session_track_system_variables,',transaction_isolation'),NAMES utf8mb4";
        try (WireClient client = new WireClient(eleven, capabilities, 45, null)) {
            Answer first = AsleepAnswer.query(view, Statement.read(ascii(text)), MAY_USE);
            view = assertSame(first, client.query(text), text);
            String level = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
            Answer second = AsleepAnswer.query(view, Statement.read(ascii(level)), MAY_USE);
            assertSame(second, client.query(level), level);
        }
    }

    @Test
    void clientsOfMySqlEightAreAnsweredWhereTheServerHasTheirCollation() {
        RealServer eleven = servers.getLast();
        List<String> statements = List.of(
                "SELECT 'x', @@collation_connection, @@character_set_client, @@character_set_results",
                "SET character_set_results = NULL",
                "SET NAMES utf8mb4",
                "SELECT 'x', @@collation_connection");
        for (long capabilities : CAPABILITIES) {
            SessionView view = SessionView.fresh(capabilities, 255, null, globals(eleven));
            try (WireClient client = new WireClient(eleven, capabilities, 255, null)) {
                for (String text : statements) {
                    Answer answer = AsleepAnswer.query(view, Statement.read(ascii(text)), MAY_USE);
                    view = assertSame(answer, client.query(text), eleven + ": " + text);
                }
            }
        }
    }

    @Test
    void anythingAnsweredInAnySessionIsWhatTheServerSays() {
        Tally tally = new Tally();
        for (RealServer server : servers) {
            sessions(server, 400, 1, tally);
        }
        tally.atLeast(8000);
    }

    @Test
    void changedGlobalsAreRespected() {
        Tally tally = new Tally();
        for (RealServer server : servers) {
            set(server, "autocommit", "0");
            set(server, "sql_mode", "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'");
            set(server, "time_zone", "'+02:00'");
            set(server, "session_track_schema", "0");
            set(server, "interactive_timeout", "1234");
            set(server, "session_track_system_variables", "'autocommit,sql_mode'");
            sessions(server, 60, 2, tally);
        }
        tally.atLeast(400);
    }

    @Test
    void otherGlobalsAreRespected() {
        Tally tally = new Tally();
        for (RealServer server : servers) {
            set(server, "completion_type", "1");
            set(server, "tx_read_only", "1");
            set(server, "session_track_system_variables", "'*'");
            set(server, "character_set_client", "utf8mb4");
            set(server, "character_set_results", "utf8mb4");
            sessions(server, 60, 3, tally);
        }
        tally.atLeast(300);
    }

    @Test
    void collationsAreReportedAsTheServerReportsThem() {
        List<String> statements = List.of(
                "SET collation_connection = 'utf8mb4_bin'",
                "SET character_set_connection = latin1, collation_connection = utf8mb4_bin",
                "SET collation_connection = utf8mb4_bin, character_set_connection = latin1",
                "SET NAMES utf8mb4, collation_connection = latin1_bin",
                "SET @@collation_connection = 'utf8mb4_bin'",
                "SET character_set_server = latin1",
                "SET collation_server = utf8mb4_bin");
        int answered = 0;
        for (RealServer server : servers) {
            for (String tracked : List.of("character_set_connection", "collation_connection", "collation_server")) {
                set(server, "session_track_system_variables", "'" + tracked + "'");
                for (String text : statements) {
                    long capabilities = CAPABILITIES.getLast();
                    SessionView view = SessionView.fresh(capabilities, 45, null, globals(server));
                    Answer answer = AsleepAnswer.query(view, Statement.read(ascii(text)), MAY_USE);
                    if (answer instanceof Answer.Packets) {
                        answered++;
                        try (WireClient client = new WireClient(server, capabilities, 45, null)) {
                            assertSame(answer, client.query(text), server + " tracking " + tracked + ": " + text);
                        }
                    }
                }
            }
        }
        assertThat(answered).isGreaterThan(15);
    }

    @Test
    void redefinedDefaultCollationsAreRespected() {
        Tally tally = new Tally();
        RealServer eleven = servers.getLast();
        set(
                eleven,
                "character_set_collations",
                "'utf8mb3=utf8mb3_uca1400_ai_ci,ucs2=ucs2_uca1400_ai_ci,utf8mb4=utf8mb4_uca1400_ai_ci'");
        sessions(eleven, 120, 4, tally);
        tally.atLeast(800);
    }

    /** Random sessions: what would wake is left out on both sides, everything else must agree. */
    private static void sessions(RealServer server, int count, long seed, Tally tally) {
        Map<String, String> globals = globals(server);
        Soup soup = new Soup(seed);
        for (int i = 0; i < count; i++) {
            long capabilities = soup.any(CAPABILITIES);
            int collation = soup.any(COLLATIONS);
            String database = soup.any(List.of("", "mysql"));
            database = database.isEmpty() ? null : database;
            SessionView view = SessionView.fresh(capabilities, collation, database, globals);
            List<String> log =
                    new ArrayList<>(List.of(server + " " + Long.toHexString(capabilities) + " collation " + collation));
            try (WireClient client = new WireClient(server, capabilities, collation, database)) {
                for (int step = 0; step < 30; step++) {
                    view = step(soup, client, view, log, tally);
                }
                if ((capabilities & DEPRECATE_EOF) != 0) {
                    assertShown(view, client, log);
                }
            }
        }
    }

    private static SessionView step(Soup soup, WireClient client, SessionView view, List<String> log, Tally tally) {
        byte[] body = {};
        int command;
        Answer answer;
        switch (soup.below(14)) {
            case 0 -> {
                command = 14;
                answer = AsleepAnswer.ping(view);
            }
            case 1 -> {
                command = 2;
                body = ascii(soup.any(List.of("mysql", "one", "Two", "no", "information_schema")));
                answer = AsleepAnswer.initDb(view, body, MAY_USE);
            }
            case 2 -> {
                command = soup.below(4) == 0 ? 31 : 14;
                answer = command == 31 ? AsleepAnswer.resetConnection(view) : AsleepAnswer.ping(view);
            }
            case 3 -> {
                command = 27;
                int option = soup.below(2);
                body = new byte[] {(byte) option, 0};
                answer = AsleepAnswer.setOption(view, option);
            }
            default -> {
                command = 3;
                body = soup.below(10) == 0 ? soup.bytes() : soup.statement().getBytes(StandardCharsets.ISO_8859_1);
                answer = AsleepAnswer.query(view, Statement.read(body), MAY_USE);
            }
        }
        return switch (answer) {
            case Answer.Wake _ -> view;
            case Answer.Packets _ -> {
                tally.answered++;
                log.add(command + " " + new String(body, StandardCharsets.ISO_8859_1));
                yield assertSame(answer, client.command(command, body), String.join("\n", log));
            }
        };
    }

    /** What the view knows of variables must be what the session has. */
    private static void assertShown(SessionView view, WireClient client, List<String> log) {
        long metadata = view.capabilities() & Packets.CACHE_METADATA;
        assertThat(metadata).isIn(0L, Packets.CACHE_METADATA);
        Map<String, String> actual = client.pairs("SELECT LOWER(VARIABLE_NAME), SESSION_VALUE FROM"
                + " information_schema.SYSTEM_VARIABLES WHERE SESSION_VALUE IS NOT NULL LIMIT 2000");
        for (String name : SHOWN) {
            String known = view.variable(name);
            if (known != null && !known.isEmpty() && !known.equals(SessionView.UNKNOWN)) {
                assertThat(actual.get(name))
                        .as(name + " after\n" + String.join("\n", log))
                        .isEqualTo(known);
            }
        }
    }

    private static SessionView assertSame(Answer answer, List<byte[]> actual, String what) {
        assertThat(answer).as(what).isInstanceOf(Answer.Packets.class);
        Answer.Packets packets = (Answer.Packets) answer;
        assertThat(Replies.readable(packets.payloads())).as(what).isEqualTo(Replies.readable(actual));
        return packets.newView();
    }

    private void set(RealServer server, String variable, String value) {
        try (WireClient root = root(server)) {
            String old = root.rows("SELECT @@global." + variable + ", 1", 2)
                    .getFirst()
                    .getFirst();
            undo.add(() -> setGlobal(server, variable, old.matches("\\d+") ? old : "'" + old + "'"));
        }
        setGlobal(server, variable, value);
    }

    private static void setGlobal(RealServer server, String variable, String value) {
        try (WireClient root = root(server)) {
            List<byte[]> reply = root.query("SET GLOBAL " + variable + " = " + value);
            assertThat(reply.getFirst()[0]).as(variable).isZero();
        }
    }

    private static Map<String, String> globals(RealServer server) {
        try (WireClient root = root(server)) {
            return new HashMap<>(root.pairs(SessionView.GLOBALS_QUERY));
        }
    }

    private static WireClient root(RealServer server) {
        return new WireClient(server, WireClient.CLASSIC | DEPRECATE_EOF, 45, null);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** How much was really compared. */
    private static final class Tally {
        private int answered;

        void atLeast(int minimum) {
            assertThat(answered).as("answers compared").isGreaterThan(minimum);
        }
    }
}
