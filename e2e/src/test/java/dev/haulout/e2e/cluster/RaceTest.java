package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.torture.Trouble;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Clients that come at random moments of many sleeps and wakes, while parts of the installation end. For longer: {@code
 * -Dhaulout.race.cycles=200}; the same again: {@code -Dhaulout.race.seed=...}.
 */
@Tag("cluster")
@Timeout(value = 3, unit = TimeUnit.HOURS)
@Tag("slow")
class RaceTest {
    private static final String INSTANCE = "race";

    private Cluster cluster;

    @BeforeEach
    void cluster() {
        cluster = Cluster.get();
    }

    @AfterEach
    void remove() {
        if (cluster != null && !Boolean.getBoolean("haulout.race.keep")) {
            cluster.instance(INSTANCE).ifPresent(cluster::delete);
        }
    }

    @SuppressWarnings("SystemOut") // the counts are what a run is for
    private Race.Report race(int cycles, int timesEach, Blow... blows) throws Exception {
        Race.Report report = Race.run(cluster, INSTANCE, List.of(blows), timesEach, cycles);
        System.out.println(report);
        assertThat(report.faults()).as(report.toString()).isEmpty();
        assertThat(report.sleeps()).as(report.toString()).isGreaterThanOrEqualTo(cycles);
        assertThat(report.pods()).as(report.toString()).isGreaterThanOrEqualTo(cycles);
        assertThat(report.acknowledged()).as(report.toString()).isGreaterThanOrEqualTo(cycles * 20L);
        for (Blow blow : blows) {
            assertThat(report.hits().getOrDefault(blow, 0))
                    .as(blow + ": " + report)
                    .isGreaterThanOrEqualTo(timesEach);
        }
        return report;
    }

    @Test
    void nobodySeesAnErrorWhileOperatorsAndServersAreDeleted() throws Exception {
        Race.Report report = race(Race.CYCLES, Math.max(2, Race.CYCLES / 10), Blow.DELETE_OPERATOR, Blow.DELETE_SERVER);

        assertThat(report.troubles()).isEmpty();
    }

    @Test
    void aGatewayThatLeavesEndsItsSessionsBetweenStatementsAndNobodyIsRefused() throws Exception {
        Race.Report report =
                race(Race.CYCLES / 5, Math.max(2, Race.CYCLES / 20), Blow.DELETE_GATEWAY, Blow.ROLL_GATEWAYS);

        assertThat(report.troubles()).as(report.toString()).containsKey(Trouble.SESSION_ENDED);
        assertThat(report.inDoubtAndThere())
                .as("statements whose answer was cut off: " + report)
                .isZero();
        assertThat(report.knocks()).as(report.toString()).isGreaterThan(100);
    }

    @Test
    void whateverIsKilledOnlyWhatWasInFlightIsInDoubt() throws Exception {
        Race.Report report = race(
                Race.CYCLES, Math.max(3, Race.CYCLES / 10), Blow.KILL_OPERATOR, Blow.KILL_GATEWAY, Blow.KILL_SERVER);

        assertThat(report.troubles()).as(report.toString()).isNotEmpty();
    }
}
