package dev.haulout.e2e.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.HostProcess;
import dev.haulout.e2e.protocol.Cutter.Cut;
import dev.haulout.e2e.protocol.Cutter.Side;
import dev.haulout.e2e.protocol.Framing.Place;
import dev.haulout.proxy.protocol.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A client that vanishes at any of its packets or the door's, and a server that does at any of its own or the proxy's:
 * nothing hangs or is left behind, and the client of a server that has gone is told so. Some places drawn by lot, or all of
 * them with {@code -Dhaulout.vanish.places=0}; the same again with {@code -Dhaulout.vanish.seed=...}.
 */
@Timeout(1800)
class VanishTest {
    private static final String NAME = "shop";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PLACES = Integer.getInteger("haulout.vanish.places", 8);
    private static final long SEED = Long.getLong("haulout.vanish.seed", new SecureRandom().nextInt(1_000_000));

    /** The ends that the documentation knows for a server that goes: outcome unknown, session ended, did not run, not logged in. */
    private static final Set<Integer> RIGHT = Set.of(1152, 1927, 1429, 1040);

    /** The proxy's own need of files varies a little. */
    private static final int FILES_EITHER_WAY = 3;

    private static final long CAPABILITIES = RawSession.CLASSIC | Capability.MULTI_STATEMENTS;

    private static HostProcess host;
    private static int port;
    private static Cutter atTheServer;

    private int filesBefore;

    enum Kind {
        PLAIN(new Visit.Driver(""), Framing.PLAIN),
        COMPRESSED(new Visit.Driver("useCompression=true"), Framing.COMPRESSED),
        TLS(new Visit.Driver("sslMode=trust"), Framing.TLS),
        RAW(new Visit.Raw(CAPABILITIES), Framing.PLAIN),
        RAW_WITHOUT_EOF(new Visit.Raw(CAPABILITIES | Capability.DEPRECATE_EOF), Framing.PLAIN);

        private final Visit visit;
        private final Framing framing;

        Kind(Visit visit, Framing framing) {
            this.visit = visit;
            this.framing = framing;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        port = HostProcess.freePort();
        host = HostProcess.prepare("-Xmx64m") // so that lost buffers are found soon
                .instance(NAME, port, "  sleep: {after: 1h}", "  myCnf: max_allowed_packet = 64M")
                .start();
        try (RawSession session = session()) {
            session.query(Visit.SETTING);
        }
        Path socket = host.instanceFolder(NAME).resolve("run/db.sock");
        Path moved = socket.resolveSibling("moved.sock");
        Files.move(socket, moved);
        atTheServer = Cutter.inPlaceOf(socket, moved);
        Files.setPosixFilePermissions(socket, Files.getPosixFilePermissions(moved));
        for (Kind kind : Kind.values()) {
            kind.visit.pay(port); // whatever the proxy needs it has then
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (host != null) {
            host.close();
        }
        if (atTheServer != null) {
            atTheServer.close();
        }
    }

    private static RawSession session() throws IOException {
        return new RawSession(
                new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), port), CAPABILITIES);
    }

    @BeforeEach
    void countFiles() throws IOException {
        awaitNobody();
        filesBefore = files();
    }

    /** Nothing is left behind, and the next one is served. */
    @AfterEach
    void nothingIsLeft() throws Exception {
        awaitNobody();
        Awaitility.await("open files as before: " + filesBefore)
                .atMost(PATIENCE)
                .until(() -> files() <= filesBefore + FILES_EITHER_WAY);
        try (RawSession session = session()) {
            Awaitility.await("no connection to the server but this one")
                    .atMost(PATIENCE)
                    .until(() -> session.query(
                                    "SELECT COUNT(*) = 1 FROM information_schema.processlist WHERE user = 'app'")
                            .contains("0131"));
        }
        Kind.PLAIN.visit.pay(port);
    }

    private static int files() throws IOException {
        try (Stream<Path> files =
                Files.list(Path.of("/proc", Long.toString(host.process().pid()), "fd"))) {
            return (int) files.count();
        }
    }

    private static void awaitNobody() {
        Awaitility.await("no session is left")
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(() ->
                        host.status(NAME).sessionsActive() + host.status(NAME).sessionsHeld() == 0);
    }

    private static List<Place> draw(List<Place> places, int most) {
        List<Place> drawn = new ArrayList<>(new HashSet<>(places));
        drawn.sort(java.util.Comparator.comparingLong(Place::offset));
        Collections.shuffle(drawn, new Random(SEED));
        return PLACES == 0 ? drawn : drawn.subList(0, Math.min(most, drawn.size()));
    }

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "COMPRESSED", "TLS", "RAW"})
    @SuppressWarnings("SystemOut") // the counts are what a run is for
    void aClientMayVanishAtAnyPacket(Kind kind) throws Exception {
        try (Cutter cutter = Cutter.before(port)) {
            Cutter.Record record = cutter.recordNext(0);
            kind.visit.pay(cutter.port());
            awaitNobody();
            int cuts = 0;
            int told = 0;
            for (Side side : Side.values()) {
                for (Place place : draw(kind.framing.places(record.of(side), side), PLACES)) {
                    cutter.cutNext(0, new Cut(side, place.offset(), cuts % 2 == 0));
                    try {
                        kind.visit.pay(cutter.port());
                    } catch (SQLException gone) {
                        assertThat(code(gone))
                                .as("nobody but the client has gone, and left no locks behind: %s", gone)
                                .isLessThanOrEqualTo(0);
                        told++;
                    }
                    awaitNobody();
                    cuts++;
                }
            }
            System.out.printf("%s: %d clients vanished, seed %d%n", kind, cuts, SEED);
            // a driver's streams of TLS have not always the same length, and at their very end all is done
            assertThat(told).isGreaterThan(cuts / 2);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "COMPRESSED", "RAW", "RAW_WITHOUT_EOF"})
    void aServerMayVanishAtAnyPacket(Kind kind) throws Exception {
        Cutter.Record record = atTheServer.recordNext(0);
        kind.visit.pay(port);
        awaitNobody();

        vanish(kind.visit, record, PLACES, cut -> atTheServer.cutNext(0, cut));
    }

    /** Which is that of another connection to the server. Few, since refusals are told after a second. */
    @Test
    void aServerMayVanishAtAnyPacketAfterAChangeOfTheUser() throws Exception {
        Cutter.Record record = atTheServer.recordNext(1);
        Kind.RAW.visit.pay(port);
        awaitNobody();

        vanish(Kind.RAW.visit, record, PLACES / 4, cut -> atTheServer.cutNext(1, cut));
    }

    private interface Arming {
        void cut(Cut cut);
    }

    @SuppressWarnings("SystemOut")
    private static void vanish(Visit visit, Cutter.Record record, int most, Arming arming) throws Exception {
        Map<String, Integer> ends = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        Map<Side, Integer> cuts = new EnumMap<>(Side.class);
        for (Side side : Side.values()) {
            for (Place place : draw(Framing.PLAIN.places(record.of(side), side), most)) {
                arming.cut(new Cut(side, place.offset(), false));
                String end = "went on";
                try {
                    visit.pay(port);
                } catch (SQLException e) {
                    int code = code(e);
                    end = Integer.toString(code);
                    boolean mayBeSilent = !place.open()
                            || e.getCause() instanceof IOException && Visit.AMID_LONG_COMMAND.equals(e.getSQLState());
                    if (!RIGHT.contains(code) && !mayBeSilent) {
                        wrong.add(side + " " + place + " of " + record.of(side).length + ": " + e);
                    }
                }
                ends.merge(end, 1, Integer::sum);
                cuts.merge(side, 1, Integer::sum);
                awaitNobody();
            }
        }
        System.out.printf("servers that vanished: %s, seed %d; ends: %s%n", cuts, SEED, ends);
        assertThat(wrong).isEmpty();
        assertThat(ends.keySet()).containsAnyOf("1152", "1040"); // else nothing was cut
    }

    /** A driver may wrap what it was told. */
    private static int code(SQLException e) {
        return e.getCause() instanceof SQLException cause && e.getErrorCode() <= 0 ? code(cause) : e.getErrorCode();
    }

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "COMPRESSED", "TLS"})
    void aClientThatSpeaksAndListensByteByByteIsServed(Kind kind) throws Exception {
        try (Cutter slow = Cutter.trickling(port)) {
            kind.visit.pay(slow.port());
        }
    }
}
