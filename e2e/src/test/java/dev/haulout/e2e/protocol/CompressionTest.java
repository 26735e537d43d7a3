package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that compress, asleep and awake. That they do is seen on the wire. */
@Timeout(90) // a session that waits for an answer that never comes is interrupted
class CompressionTest {
    private static final String NAME = "shop";
    private static final int LONG = 20 << 20; // two packets

    /** Where {@code ./haulout test} installs the Node drivers. */
    private static final Path NODE_MODULES = Path.of("..", ".haulout", "drivers", "node_modules")
            .toAbsolutePath()
            .normalize();

    @TempDir
    private static Path folder;

    private static HostProcess host;
    private static Tap tap;

    @BeforeAll
    static void start() throws IOException {
        int port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance(NAME, port, "  sleep: {after: 1s}", "  myCnf: |", "    max_allowed_packet = 64M")
                .start();
        host.awaitAsleep(NAME);
        tap = new Tap(port);
    }

    @AfterAll
    static void stop() throws IOException {
        if (tap != null) {
            tap.close();
        }
        if (host != null) {
            host.close();
        }
    }

    private static String mariadb(Path input, String... options) throws IOException, InterruptedException {
        assumeTrue(runs("mariadb", "--version"), "the mariadb command line client is not installed");
        List<String> command = new ArrayList<>(List.of(
                "mariadb", "--no-defaults", "--batch", "-N", "--compress", "--host=127.0.0.1", "--port=" + tap.port()));
        command.addAll(List.of("--user=app", "--password=secret", "--max-allowed-packet=64M", "--local-infile=1"));
        command.addAll(List.of(options));
        command.add("app");
        return run(command, input);
    }

    private static boolean runs(String... command) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("NODE_PATH", NODE_MODULES.toString());
        try {
            return builder.start().waitFor() == 0;
        } catch (IOException isNotThere) {
            return false;
        }
    }

    private static String run(List<String> command, Path input) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectInput((input == null ? Path.of("/dev/null") : input).toFile());
        builder.environment().put("NODE_PATH", NODE_MODULES.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.strip();
    }

    private static Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    @Test
    void aSleepersClientCompressesFromItsLoginOn() throws Exception {
        host.awaitAsleep(NAME);
        long before = tap.toClient();

        String row = mariadb(null, "-e", "SELECT 1; SELECT REPEAT('x', 3000000)");

        assertThat(row.length()).isEqualTo("1\n".length() + 3_000_000);
        assertThat(tap.toClient() - before).as("bytes on the wire").isLessThan(300_000);
    }

    @Test
    void packetsOfMoreThan16MegabytesPassInBothDirections() throws Exception {
        long before = tap.fromClient();

        Path statement = file("long.sql", "SELECT LENGTH('" + "y".repeat(LONG) + "');\n");
        assertThat(mariadb(statement)).isEqualTo(Integer.toString(LONG));
        assertThat(mariadb(null, "-e", "SELECT REPEAT('x', " + LONG + ")")).hasSize(LONG);

        assertThat(tap.fromClient() - before).as("bytes on the wire").isLessThan(LONG / 4);
    }

    @Test
    void aFileIsLoadedFromTheClient() throws Exception {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            rows.append(i).append('\n');
        }
        Path file = file("rows.txt", rows.toString());

        String count = mariadb(null, "-e", """
                CREATE OR REPLACE TABLE loaded (a INT PRIMARY KEY);
                LOAD DATA LOCAL INFILE '%s' INTO TABLE loaded;
                SELECT COUNT(*), SUM(a) FROM loaded;""".formatted(file));

        assertThat(count).isEqualTo("200000\t19999900000");
    }

    @Test
    void connectorJPreparesAndPipelinesThroughASleep() throws Exception {
        String url = "jdbc:mariadb://127.0.0.1:" + tap.port()
                + "/app?useCompression=true&useServerPrepStmts=true&useBulkStmts=true&rewriteBatchedStatements=false";
        try (Connection connection = DriverManager.getConnection(url, "app", "secret");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE OR REPLACE TABLE batch (id INT PRIMARY KEY, t LONGTEXT)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO batch VALUES (?, ?)")) {
                for (int i = 0; i < 1_000; i++) {
                    insert.setInt(1, i);
                    insert.setString(2, "text ".repeat(i));
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(1_000);
            }
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT SUM(LENGTH(t)) FROM batch WHERE id >= ?")) {
                assertThat(sum(select)).isEqualTo(5L * 999 * 1_000 / 2);

                host.awaitAsleep(NAME);

                assertThat(sum(select)).isEqualTo(5L * 999 * 1_000 / 2);
            }
            try (PreparedStatement update = connection.prepareStatement("UPDATE batch SET t = ? WHERE id = 1")) {
                update.setCharacterStream(1, new StringReader("z".repeat(LONG)));
                assertThat(update.executeUpdate()).isOne();
            }
            try (ResultSet row = statement.executeQuery("SELECT LENGTH(t), t FROM batch WHERE id = 1")) {
                row.next();
                assertThat(row.getInt(1)).isEqualTo(LONG);
                assertThat(row.getString(2)).hasSize(LONG);
            }
        }
    }

    private static long sum(PreparedStatement select) throws Exception {
        select.setInt(1, 0);
        try (ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void nodesMysql2Compresses() throws Exception {
        assumeTrue(runs("node", "-e", "require.resolve('mysql2')"), "Node's mysql2 is not installed");
        long before = tap.toClient() + tap.fromClient();

        String said = run(List.of("node", "drivers/compress.js", "127.0.0.1", Integer.toString(tap.port())), null);

        assertThat(said).isEqualTo("3000000 3000000 42");
        assertThat(tap.toClient() + tap.fromClient() - before)
                .as("bytes on the wire")
                .isLessThan(600_000);
    }

    @Test
    void phpCompressesAndChangesTheUser() throws Exception {
        assumeTrue(runs("php", "-r", "exit((int) !extension_loaded('mysqli'));"), "PHP's mysqli is not installed");
        long before = tap.toClient() + tap.fromClient();

        String said = run(List.of("php", "drivers/compress.php", "127.0.0.1", Integer.toString(tap.port())), null);

        assertThat(said).isEqualTo("3000000 3000000 app app");
        assertThat(tap.toClient() + tap.fromClient() - before)
                .as("bytes on the wire")
                .isLessThan(600_000);
    }
}
