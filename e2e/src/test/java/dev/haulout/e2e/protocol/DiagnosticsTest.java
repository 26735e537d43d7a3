package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.HostProcess;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a statement leaves to be asked for by the next one, across a sleep. */
@Timeout(90) // a session that waits for an answer that never comes is interrupted
class DiagnosticsTest {
    private static final String NAME = "shop";
    private static final String SETTING = "CREATE OR REPLACE TABLE small (a TINYINT) SELECT seq AS a FROM seq_1_to_3";
    private static final String WARNING = "INSERT IGNORE INTO small VALUES (1000), (2000)";

    private static final String OUT_OF_RANGE =
            HexFormat.of().formatHex("Out of range".getBytes(StandardCharsets.US_ASCII));

    private static HostProcess host;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance(NAME, port, "  sleep: {after: 150ms}")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        host.close();
    }

    private static RawSession atTheDoor(long capabilities) throws IOException {
        return new RawSession(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), capabilities);
    }

    private static RawSession directly(long capabilities) throws IOException {
        return new RawSession(
                UnixDomainSocketAddress.of(host.instanceFolder(NAME).resolve("run/db.sock")), capabilities);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Capability.DEPRECATE_EOF})
    void warningsAndErrorsOutliveASleep(long more) throws IOException {
        long capabilities = RawSession.CLASSIC | more;
        List<String> direct;
        try (RawSession waker = atTheDoor(capabilities)) {
            waker.query(SETTING);
            try (RawSession session = directly(capabilities)) {
                direct = say(session, () -> {});
            }
        }

        List<String> through;
        try (RawSession session = atTheDoor(capabilities)) {
            through = say(session, () -> host.awaitAsleep(NAME));
        }

        assertThat(through).isEqualTo(direct);
    }

    private static List<String> say(RawSession session, Runnable between) throws IOException {
        List<String> answers = new ArrayList<>();
        for (String statement : List.of(WARNING, "SELECT * FROM nowhere")) {
            answers.add(session.query(statement));
            between.run();
            answers.add(session.query("SHOW WARNINGS"));
            answers.add(session.query("show  count(*) warnings ;"));
            answers.add(session.query("SELECT 1"));
            answers.add(session.simple(Command.PING, RawSession.body()));
            answers.add(session.query("SHOW ERRORS"));
            answers.add(session.query("UPDATE small SET a = 1 WHERE a = 0"));
            answers.add(session.query("SHOW WARNINGS"));
            between.run();
            answers.add(session.query("SHOW WARNINGS"));
        }
        return answers;
    }

    @Test
    void warningsOutliveBeingAskedInVain() throws IOException {
        try (RawSession session = atTheDoor(RawSession.CLASSIC)) {
            session.query(SETTING);
            session.query("CREATE TEMPORARY TABLE pins (a INT)");
            session.query(WARNING);
            String warnings = session.query("SHOW WARNINGS");

            awaitPinned();

            assertThat(session.query("SHOW WARNINGS")).isEqualTo(warnings).contains(OUT_OF_RANGE);
            session.query("DROP TEMPORARY TABLE pins");
        }
    }

    private static void awaitPinned() {
        Awaitility.await("temporary tables pin").until(() -> {
            String why = host.status(NAME).why();
            return why != null && why.contains("temporary tables");
        });
    }
}
