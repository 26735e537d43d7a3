package dev.haulout.e2e.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.torture.Killer.Blow;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * No acknowledged row is lost, none doubled, no session left hanging, whatever is killed and whenever it sleeps. For
 * longer: {@code -Dhaulout.torture.seconds=300}; the same again: {@code -Dhaulout.torture.seed=...}.
 */
@Tag("slow")
class TortureTest {
    /** The proxy's own need of files varies a little with what it has loaded. */
    private static final long FILES_EITHER_WAY = 10;

    private static final List<Blow> EVERYTHING =
            List.of(Blow.SERVER, Blow.SERVER, Blow.SERVER, Blow.PROXY, Blow.PROXY, Blow.BOTH, Blow.RESTART);

    private static long seed() {
        Long given = Long.getLong("haulout.torture.seed");
        return given == null ? new SecureRandom().nextInt(1_000_000) : given;
    }

    @Test
    @SuppressWarnings("SystemOut") // the counts are what a run is for
    void everyPromiseHoldsWhileEverythingIsKilled() throws Exception {
        int seconds = Integer.getInteger("haulout.torture.seconds", 40);

        Report report = Torture.run(new Torture.Plan(seconds, seed(), EVERYTHING, ""));

        System.out.println(report);
        assertThat(report.faults()).as(report.toString()).isEmpty();
        assertThat(report.filesAfter())
                .as(report.toString())
                .isLessThanOrEqualTo(report.filesBefore() + FILES_EITHER_WAY);
        assertEnoughHappened(report, seconds);
    }

    /** A run in which little happened shows little. The floors are low, since machines are slow. */
    private static void assertEnoughHappened(Report report, int seconds) {
        int some = Math.max(1, seconds / 80);
        assertThat(report.sleeps()).as("sleeps: " + report).isGreaterThanOrEqualTo(Math.max(2, seconds / 20));
        assertThat(report.wakes())
                .as("starts of the server: " + report)
                .isGreaterThanOrEqualTo(Math.max(4, seconds / 10));
        for (Blow blow : Blow.values()) {
            assertThat(report.hits(blow)).as(blow + ": " + report).isGreaterThanOrEqualTo(some);
        }
        assertThat(report.troubles().getOrDefault(Trouble.OUTCOME_UNKNOWN, 0L))
                .as("statements cut off by the server's death: " + report)
                .isGreaterThanOrEqualTo(Torture.CUT_OFF);
        assertThat(report.acknowledged()).as("rows: " + report).isGreaterThanOrEqualTo(seconds * 10L);
    }

    @Test
    @SuppressWarnings("SystemOut")
    void serverThatKeepsCommitsInMemoryIsFoundOut() throws Exception {
        Report report =
                Torture.run(new Torture.Plan(12, seed(), List.of(Blow.SERVER), "innodb_flush_log_at_trx_commit=0"));

        System.out.println(report);
        assertThat(report.reckoning().missing()).as(report.toString()).isNotEmpty();
    }
}
