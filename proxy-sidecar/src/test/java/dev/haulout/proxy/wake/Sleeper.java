package dev.haulout.proxy.wake;

import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.durable.FolderShelf;
import dev.haulout.proxy.sql.KeepAlives;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A sleeping instance with a stubbed waker, known well enough to be logged in to: user {@code app}, password {@code secret}. */
public final class Sleeper implements AutoCloseable {
    private static final ServerIdentity IDENTITY =
            new ServerIdentity("5.5.5-10.11.19-MariaDB", 0x81ff_f7ffL & ~(1L << 23), 45, globals(), 151, "digest");

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final StubWaker waker = new StubWaker();
    private final Path folder;
    private final Instance instance;

    public Sleeper(Duration wakeDeadline) throws IOException {
        this(wakeDeadline, Duration.ofHours(1), null);
    }

    /** One whose sleep is for {@code director} to decide; null for none. */
    Sleeper(Duration wakeDeadline, Duration sleepAfter, Director director) throws IOException {
        folder = Files.createTempDirectory("haulout-sleeper");
        Learned learned = new Learned(
                new FolderShelf(folder),
                IDENTITY,
                new SharedIdentities(new FolderShelf(folder)),
                () -> AccountBook.beforeFirstStart(
                        "10.11.19-MariaDB",
                        "shop",
                        "app",
                        Secret.of(sha1(sha1("secret".getBytes(StandardCharsets.UTF_8))))),
                Optional::empty);
        InstanceSettings settings = new InstanceSettings(
                "sleeper", sleepAfter, wakeDeadline, Duration.ofHours(1), false, Set.of(), KeepAlives.NONE);
        Surroundings surroundings = new Surroundings(loops, clock, InstanceEvents.UNTOLD);
        instance = director == null
                ? new Instance(surroundings, settings, waker, learned)
                : new Instance(surroundings, settings, waker, learned, director);
    }

    private static Map<String, String> globals() {
        return Map.of(
                "autocommit", "ON",
                "sql_mode", "STRICT_TRANS_TABLES",
                "init_connect", "",
                "completion_type", "NO_CHAIN",
                "tx_read_only", "OFF",
                "session_track_schema", "ON",
                "session_track_system_variables", "autocommit",
                "session_track_state_change", "OFF",
                "session_track_transaction_info", "OFF",
                "lower_case_table_names", "0");
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public Instance instance() {
        return instance;
    }

    public StubWaker waker() {
        return waker;
    }

    public EventLoopGroup loops() {
        return loops;
    }

    @Override
    public void close() {
        waker.fail("the test is over"); // else closing waits for it
        try {
            instance.close("the test is over", false, Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        clock.shutdownNow();
        loops.shutdownGracefully(0, 10, TimeUnit.SECONDS).awaitUninterruptibly();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
