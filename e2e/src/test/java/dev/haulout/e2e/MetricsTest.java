package dev.haulout.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real scrape, and {@code docs/metrics.md} beside it. */
class MetricsTest {
    private static final Pattern LISTED = Pattern.compile("(?m)^\\| `(haulout_\\w+)` \\| (\\w+) \\|");
    private static final Pattern SCRAPED = Pattern.compile("(?m)^# TYPE (haulout_\\w+) (\\w+)$");

    private HostProcess host;
    private int port;

    @BeforeEach
    void start() throws IOException {
        port = HostProcess.freePort();
        host = HostProcess.prepare()
                .instance("shop", port, "  sleep: {after: 1s}")
                .start();
        host.awaitAsleep("shop");
    }

    @AfterEach
    void stop() throws IOException {
        host.close();
    }

    private Connection connect(String password) throws SQLException {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", password);
    }

    private String scrape() throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + host.metricsPort() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private double value(String series) throws IOException, InterruptedException {
        return scrape().lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    @Test
    void listAndScrapeAgree() throws Exception {
        assertThatThrownBy(() -> connect("wrong")).isInstanceOf(SQLException.class);
        try (Connection connection = connect("secret");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (a INT)");
        }

        Set<String> listed = new TreeSet<>();
        LISTED.matcher(Files.readString(Path.of("../docs/metrics.md")))
                .results()
                .filter(row -> !row.group(1).startsWith("haulout_operator_")) // another program's
                .forEach(row -> listed.add(row.group(1) + " " + row.group(2)));
        Set<String> scraped = new TreeSet<>();
        SCRAPED.matcher(scrape())
                .results()
                .filter(type -> !type.group(1).endsWith("_seconds_max"))
                .forEach(type -> scraped.add(type.group(1) + " " + type.group(2)));

        assertThat(scraped).isEqualTo(listed);
    }

    @Test
    void countsWhatHappened() throws Exception {
        String labels = "{instance=\"default/shop\"";
        double wakesBefore = value("haulout_wakes_total" + labels + ",outcome=\"ok\"}");
        try (Connection connection = connect("secret");
                Statement statement = connection.createStatement()) {
            assertThat(value("haulout_sessions" + labels + ",state=\"held\"}")).isEqualTo(1);

            statement.execute("CREATE TABLE t (a INT)");

            assertThat(value("haulout_wakes_total" + labels + ",outcome=\"ok\"}"))
                    .isEqualTo(wakesBefore + 1);
            assertThat(value("haulout_sessions" + labels + ",state=\"active\"}"))
                    .isEqualTo(1);
            assertThat(value("haulout_sessions" + labels + ",state=\"held\"}")).isZero();
            assertThat(value("haulout_wake_phase_duration_seconds_count" + labels + ",phase=\"ready\"}"))
                    .isEqualTo(wakesBefore + 1);
            double awake = value("haulout_state_seconds_total" + labels + ",state=\"awake\"}");
            Awaitility.await("time goes on at each scrape")
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> value("haulout_state_seconds_total" + labels + ",state=\"awake\"}") > awake);
            host.awaitAsleep("shop");
            assertThat(value("haulout_sessions" + labels + ",state=\"held\"}")).isEqualTo(1);
        }
    }

    @Test
    void scrapesWakeNothing() throws Exception {
        long starts = host.serverStarts("shop");

        for (int i = 0; i < 20; i++) {
            scrape();
        }

        assertThat(host.serverPids("shop")).isEmpty();
        assertThat(host.serverStarts("shop")).isEqualTo(starts);
    }
}
