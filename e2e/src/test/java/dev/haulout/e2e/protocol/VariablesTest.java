package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.HostProcess;
import dev.haulout.proxy.protocol.Capability;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client made of its variables is so after a sleep, too, where a login alone would make something else of them. */
@Timeout(90) // a session that waits for an answer that never comes is interrupted
class VariablesTest {
    private static final String NAME = "shop";

    private static HostProcess host;
    private static int port;

    /**
     * What a client does.
     *
     * @param statement which gives variables back the values that the server itself has
     * @param question which must have the same answer afterwards
     */
    record Case(String statement, String question) {}

    @BeforeAll
    static void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance(
                        NAME,
                        port,
                        "  sleep: {after: 150ms}",
                        "  myCnf: |",
                        "    character-set-server = latin1",
                        "    interactive-timeout = 1234",
                        "    init-connect = 'SET sql_safe_updates = 1; SET SESSION TRANSACTION READ ONLY'")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        host.close();
    }

    static List<Case> cases() {
        return List.of(
                new Case(
                        "SET NAMES latin1",
                        "SELECT @@character_set_client, @@character_set_connection, @@character_set_results,"
                                + " @@collation_connection, 'x'"),
                new Case("SET character_set_results = latin1", "SELECT @@character_set_results, 'x'"),
                new Case(
                        "SET character_set_database = utf8mb4",
                        "SELECT @@character_set_database, @@collation_database"),
                new Case("SET wait_timeout = 28800", "SELECT @@session.wait_timeout, @@global.wait_timeout"),
                new Case("SET sql_safe_updates = 0", "SELECT @@session.sql_safe_updates"),
                new Case("SET SESSION TRANSACTION READ WRITE", "SELECT @@session.tx_read_only"));
    }

    @Test
    void aUserVariableOfBytesIsTheSameAfterASleep() throws IOException {
        try (RawSession session =
                new RawSession(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), RawSession.CLASSIC)) {
            session.query("SET @bytes = X'00ff5c', @none = X'', @binary = _binary 'text'");
            String question = "SELECT @bytes, CHARSET(@bytes), COLLATION(@none), @binary, CHARSET(@binary)";
            String before = session.query(question);

            host.awaitAsleep(NAME);

            assertThat(session.query(question)).isEqualTo(before).contains("03" + "00ff5c");
        }
    }

    @Test
    void aDatabasesCollationIsThatOfTheNextDatabaseThatIsChosenAsleep() throws IOException {
        try (RawSession session =
                new RawSession(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), RawSession.CLASSIC)) {
            session.query("SET character_set_database = cp1250");
            host.awaitAsleep(NAME);

            session.query("USE information_schema");

            assertThat(session.query("SELECT @@character_set_database = 'utf8mb3'"))
                    .contains("0131");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aVariableThatIsSetToTheServersValueHasItAfterASleep(Case now) throws IOException {
        try (RawSession session = new RawSession(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                RawSession.CLASSIC | Capability.INTERACTIVE)) {
            String asLoggedIn = session.query(now.question());
            session.query(now.statement());
            String before = session.query(now.question());
            assertThat(before).isNotEqualTo(asLoggedIn);

            host.awaitAsleep(NAME);
            session.query("SELECT 1 FROM information_schema.schemata");

            assertThat(session.query(now.question())).isEqualTo(before);
        }
    }
}
