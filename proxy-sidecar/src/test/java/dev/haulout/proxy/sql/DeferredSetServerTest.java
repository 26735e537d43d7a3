package dev.haulout.proxy.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A deferred SET is replayed long after its OK was sent: it must not fail then, nor warn. */
class DeferredSetServerTest {
    private static List<RealServer> servers = List.of();

    @BeforeAll
    static void start() {
        servers = RealServer.startAll();
    }

    @AfterAll
    static void stop() {
        servers.forEach(RealServer::close);
    }

    @Test
    void everyDeferrableAssignmentIsAcceptedInSilence() {
        int accepted = 0;
        for (RealServer server : servers) {
            try (WireClient client = client(server)) {
                for (String assignment : Soup.assignments()) {
                    accepted += assertSilent(client, "SET " + assignment) ? 1 : 0;
                }
            }
        }
        assertThat(accepted).isGreaterThan(600);
    }

    @Test
    void everyDeferrableCombinationIsAcceptedInSilence() {
        int accepted = 0;
        Soup soup = new Soup(5);
        for (RealServer server : servers) {
            for (int session = 0; session < 40; session++) {
                try (WireClient client = client(server)) {
                    for (int i = 0; i < 100; i++) {
                        accepted += assertSilent(client, soup.set()) ? 1 : 0;
                    }
                }
            }
        }
        assertThat(accepted).isGreaterThan(600);
    }

    /** Whether it was deferrable; which names may be tracked depends on the version and is AsleepAnswer's to check. */
    private static boolean assertSilent(WireClient client, String text) {
        boolean deferrable =
                Statement.read(text.getBytes(StandardCharsets.US_ASCII)).deferrable();
        if (!deferrable || text.contains("session_track_system_variables")) {
            return false;
        }
        byte[] reply = client.query(text).getFirst();
        assertThat(new String(reply, StandardCharsets.ISO_8859_1)).as(text).startsWith("\0");
        assertThat(reply[5]).as("warnings of " + text).isZero();
        return true;
    }

    private static WireClient client(RealServer server) {
        return new WireClient(server, WireClient.CLASSIC | Packets.CLIENT_DEPRECATE_EOF, 45, null);
    }
}
