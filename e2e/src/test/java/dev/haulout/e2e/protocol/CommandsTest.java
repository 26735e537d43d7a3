package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every command byte there is: whatever the server says to it directly is said through the door as well. Those that need a
 * conversation of their own have tests of their own.
 */
@Timeout(120) // a session that waits for an answer that never comes is interrupted
class CommandsTest {
    private static final String NAME = "shop";
    private static final String BINARY_LOG = "logged";

    private static final Set<Integer> CONVERSATIONS = Set.of(
            Command.QUIT,
            Command.QUERY,
            Command.FIELD_LIST,
            Command.PROCESS_INFO,
            Command.STATISTICS,
            Command.SET_OPTION,
            Command.CHANGE_USER,
            Command.STMT_PREPARE,
            Command.STMT_EXECUTE,
            Command.STMT_BULK_EXECUTE,
            Command.STMT_SEND_LONG_DATA,
            Command.STMT_CLOSE,
            Command.STMT_RESET,
            Command.STMT_FETCH,
            Command.PROCESS_KILL);

    private static HostProcess host;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance(NAME, port, "  sleep: {after: 150ms}")
                .instance(BINARY_LOG, HostProcess.freePort(), "  sleep: {after: 150ms}", "  myCnf: log-bin")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        host.close();
    }

    private static RawSession atTheDoor(long capabilities) throws IOException {
        return new RawSession(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), capabilities);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "0, true", Capability.DEPRECATE_EOF + ", true"})
    void everyCommandIsAnsweredAsByTheServer(long more, boolean sleeping) throws IOException {
        long capabilities = RawSession.CLASSIC | more;
        List<String> direct;
        try (RawSession waker = atTheDoor(capabilities)) {
            waker.query("CREATE OR REPLACE TABLE t (a INT DEFAULT 7, b VARCHAR(20) NOT NULL)");
            UnixDomainSocketAddress socket =
                    UnixDomainSocketAddress.of(host.instanceFolder(NAME).resolve("run/db.sock"));
            try (RawSession session = new RawSession(socket, capabilities)) {
                direct = say(session, () -> {});
            }
        }

        List<String> through;
        try (RawSession session = atTheDoor(capabilities)) {
            through = say(session, () -> {
                if (sleeping) {
                    host.awaitAsleep(NAME);
                }
            });
        }

        assertThat(through).containsExactlyElementsOf(direct);
    }

    private static List<String> say(RawSession session, Runnable between) throws IOException {
        List<String> answers = new ArrayList<>();
        answers.add("field list: " + session.fieldList("t"));
        between.run();
        answers.add("field list of nothing: " + session.fieldList("nowhere"));
        answers.add("statistics: " + figuresOut(session.simple(Command.STATISTICS, RawSession.body())));
        answers.add("process info: " + session.resultSet(Command.PROCESS_INFO).split("\n")[0]);
        between.run();
        answers.add("several at once: "
                + session.simple(Command.SET_OPTION, RawSession.body().writeShortLE(0)));
        answers.add(session.query("SELECT 1; SELECT 2"));
        between.run();
        answers.add(session.query("SELECT 3; SELECT 4"));
        answers.add("one at once: "
                + session.simple(Command.SET_OPTION, RawSession.body().writeShortLE(1)));
        answers.add(session.query("SELECT 1; SELECT 2"));
        answers.add("no such option: "
                + session.simple(Command.SET_OPTION, RawSession.body().writeShortLE(2)));
        for (int command :
                IntStream.range(0, 256).filter(c -> !CONVERSATIONS.contains(c)).toArray()) {
            answers.add("command " + command + ": " + session.simple(command, RawSession.body()));
        }
        between.run();
        answers.add(session.query("SELECT DATABASE()"));
        return answers;
    }

    /** The server's counters and times differ from moment to moment. */
    private static String figuresOut(String hex) {
        String text = new String(HexFormat.of().parseHex(hex), StandardCharsets.US_ASCII);
        return text.replaceAll("[0-9.]+", "n");
    }

    @Test
    void replicationClientReadsTheBinaryLog() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "only the system's root may read the binary log");
        String log = client(
                        "mariadb",
                        "-Ne",
                        "CREATE TABLE app.told (a INT); INSERT INTO app.told VALUES (4711); SHOW MASTER STATUS")
                .split("\\s")[0];
        host.awaitAsleep(BINARY_LOG);

        String read = client("mariadb-binlog", "--read-from-remote-server", "--verbose", log);

        assertThat(read).contains("CREATE TABLE app.told (a INT)", "4711");
    }

    private static String client(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(program, "--no-defaults", "--user=root", "--socket=" + host.unixDoor(BINARY_LOG)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
