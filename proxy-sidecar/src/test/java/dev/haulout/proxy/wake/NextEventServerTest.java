package dev.haulout.proxy.wake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.sql.RealServer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a real server's event scheduler does next, as it is asked. */
class NextEventServerTest {
    private static final List<String> BERLIN = List.of(
            "INSERT INTO mysql.time_zone (Time_zone_id, Use_leap_seconds) VALUES (77, 'N')",
            "INSERT INTO mysql.time_zone_name VALUES ('Europe/Berlin', 77)",
            "INSERT INTO mysql.time_zone_transition_type VALUES (77, 0, 3600, 0, 'CET'), (77, 1, 7200, 1, 'CEST')",
            "INSERT INTO mysql.time_zone_transition VALUES (77, %d, 0), (77, %d, 1), (77, %d, 0)"
                    .formatted(
                            Instant.parse("2025-10-26T01:00:00Z").getEpochSecond(),
                            Instant.parse("2026-03-29T01:00:00Z").getEpochSecond(),
                            Instant.parse("2026-10-25T01:00:00Z").getEpochSecond()));

    private static final EventLoopGroup LOOPS = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private static RealServer server;
    private static ServerWatch watch;

    private record ByRoot(SocketAddress address) implements Server {
        @Override
        public Optional<BackendTls> tls() {
            return Optional.empty();
        }

        @Override
        public Optional<ServiceAccount> serviceAccount() {
            return Optional.of(new ServiceAccount("root", ""));
        }

        @Override
        public CompletionStage<String> ended() {
            return new CompletableFuture<>();
        }
    }

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = RealServer.startOne("--event-scheduler=ON");
        watch = ServerWatch.open(
                LOOPS.next(), new ByRoot(new DomainSocketAddress(server.socket().toString())));
        for (String statement : BERLIN) {
            watch.query(statement);
        }
    }

    @AfterAll
    static void stop() {
        if (watch != null) {
            watch.close();
        }
        if (server != null) {
            server.close();
        }
        LOOPS.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @BeforeEach
    void empty() throws IOException, InterruptedException {
        watch.query("SET time_zone = '+00:00', timestamp = DEFAULT");
        watch.query("SET GLOBAL event_scheduler = ON");
        watch.query("DROP DATABASE IF EXISTS shop");
        watch.query("CREATE DATABASE shop");
    }

    private static Optional<DueEvent> next() throws IOException, InterruptedException {
        return watch.nextEvent();
    }

    /** As the server would answer at that time. */
    private static Instant nextAt(String now) throws IOException, InterruptedException {
        watch.query("SET timestamp = " + Instant.parse(now).getEpochSecond());
        List<List<String>> rows = watch.query(DueEvent.QUERY);
        watch.query("SET timestamp = DEFAULT");
        return DueEvent.read(rows, Instant.parse(now)).orElseThrow().at();
    }

    @Test
    void withoutEventsNothingIsDue() throws IOException, InterruptedException {
        assertThat(next()).isEmpty();
    }

    @Test
    void theEarliestIsNamed() throws IOException, InterruptedException {
        watch.query("CREATE EVENT shop.late ON SCHEDULE AT NOW() + INTERVAL 2 DAY DO SELECT 1");
        watch.query("CREATE EVENT shop.early ON SCHEDULE EVERY 1 DAY STARTS NOW() + INTERVAL 1 HOUR DO SELECT 1");

        DueEvent due = next().orElseThrow();

        assertThat(due.name()).isEqualTo("shop.early");
        assertThat(Duration.between(Instant.now(), due.at()))
                .isBetween(Duration.ofSeconds(3500), Duration.ofSeconds(3601));
    }

    @Test
    void whatIsDisabledOrOverIsNotDue() throws IOException, InterruptedException {
        watch.query("CREATE EVENT shop.off ON SCHEDULE EVERY 1 HOUR DISABLE DO SELECT 1");
        watch.query("CREATE EVENT shop.replica ON SCHEDULE EVERY 1 HOUR DISABLE ON SLAVE DO SELECT 1");
        watch.query("CREATE EVENT shop.over ON SCHEDULE EVERY 1 DAY STARTS NOW() - INTERVAL 1 HOUR"
                + " ENDS NOW() + INTERVAL 1 HOUR DO SELECT 1");

        assertThat(next()).isEmpty();
    }

    @Test
    void withTheSchedulerOffNothingIsDue() throws IOException, InterruptedException {
        watch.query("CREATE EVENT shop.hourly ON SCHEDULE EVERY 1 HOUR DO SELECT 1");

        watch.query("SET GLOBAL event_scheduler = OFF");

        assertThat(next()).isEmpty();
    }

    @Test
    void itIsDueWhenTheServerRunsIt() throws IOException, InterruptedException {
        watch.query("CREATE TABLE shop.ran (at BIGINT)");
        watch.query("CREATE EVENT shop.tick ON SCHEDULE EVERY 1 HOUR STARTS NOW() - INTERVAL 3593 SECOND"
                + " DO INSERT INTO shop.ran VALUES (UNIX_TIMESTAMP())");
        long due = next().orElseThrow().at().getEpochSecond();

        Awaitility.await("the event")
                .atMost(Duration.ofMinutes(1))
                .until(() -> watch.query("SELECT at FROM shop.ran"), rows -> !rows.isEmpty());

        long ran =
                Long.parseLong(watch.query("SELECT at FROM shop.ran").getFirst().getFirst());
        assertThat(ran).isBetween(due - 1, due + 5);
    }

    @ParameterizedTest
    @CsvSource({
        // clocks go forward on 29 March 2026 at 2:00, and back on 25 October at 3:00
        "1 DAY, 2026-03-01 03:30:00, 2026-03-28T12:00:00Z, 2026-03-29T01:30:00Z",
        "1 DAY, 2026-03-01 02:30:00, 2026-03-28T12:00:00Z, 2026-03-29T01:00:00Z",
        "1 DAY, 2026-03-01 03:30:00, 2026-10-25T01:00:00Z, 2026-10-25T02:30:00Z",
        "1 WEEK, 2026-03-02 08:00:00, 2026-03-28T12:00:00Z, 2026-03-30T06:00:00Z",
        "1 MONTH, 2026-01-31 10:00:00, 2026-02-28T08:00:00Z, 2026-02-28T09:00:00Z",
        "1 MONTH, 2026-01-31 10:00:00, 2026-03-02T00:00:00Z, 2026-03-31T08:00:00Z",
        "1 QUARTER, 2026-01-01 00:00:00, 2026-03-02T00:00:00Z, 2026-03-31T22:00:00Z",
        "1 YEAR, 2025-12-24 18:00:00, 2026-03-02T00:00:00Z, 2026-12-24T17:00:00Z",
        "'''1-2'' YEAR_MONTH', 2025-12-24 18:00:00, 2026-03-02T00:00:00Z, 2027-02-24T17:00:00Z",
        "'''1 2:30'' DAY_MINUTE', 2026-03-01 00:00:00, 2026-03-02T00:00:00Z, 2026-03-02T01:30:00Z",
        "90 MINUTE, 2026-03-01 00:00:00, 2026-03-01T01:00:00Z, 2026-03-01T02:00:00Z"
    })
    void intervalsAreCountedFromTheStartByTheWallClock(String interval, String starts, String now, String due)
            throws IOException, InterruptedException {
        watch.query("SET time_zone = 'Europe/Berlin'");
        watch.query("CREATE EVENT shop.local ON SCHEDULE EVERY " + interval + " STARTS '" + starts + "' DO SELECT 1");
        watch.query("SET time_zone = '+00:00'");

        assertThat(nextAt(now)).isEqualTo(due);
    }
}
