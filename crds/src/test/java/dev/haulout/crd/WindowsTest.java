package dev.haulout.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The moments that cron's five fields name, and the windows that begin with them. */
class WindowsTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static Instant at(String instant) {
        return Instant.parse(instant);
    }

    private static List<String> after(String text, ZoneId zone, String from, int count) {
        CronTimes times = CronTimes.parse(text, zone);
        List<String> found = new ArrayList<>();
        Instant now = at(from);
        for (int i = 0; i < count; i++) {
            now = times.firstAfter(now).orElseThrow();
            found.add(now.toString());
        }
        return found;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 8 * * Mon-Fri | 2026-01-02T08:00:00Z | 2026-01-05T08:00:00Z",
                "0 8 * * FRI-1   | 2026-01-02T08:00:00Z | 2026-01-03T08:00:00Z",
                "0 8 * * 7       | 2026-01-02T08:00:00Z | 2026-01-04T08:00:00Z",
                "0 8 * * 0-7     | 2026-01-02T08:00:00Z | 2026-01-03T08:00:00Z",
                "*/20 * * * *    | 2026-01-02T08:00:00Z | 2026-01-02T08:20:00Z",
                "5/20 * * * *    | 2026-01-02T08:45:00Z | 2026-01-02T09:05:00Z",
                "0 22-2/2 * * *  | 2026-01-02T22:00:00Z | 2026-01-03T00:00:00Z",
                "0 8 13 * Fri    | 2026-01-02T08:00:00Z | 2026-01-09T08:00:00Z",
                "0 8 13 * *      | 2026-01-02T08:00:00Z | 2026-01-13T08:00:00Z",
                "0 0 29 2 *      | 2026-01-02T08:00:00Z | 2028-02-29T00:00:00Z",
            })
    void theFirstAfterAMomentIsAsCronHasIt(String text, String from, String expected) {
        assertThat(after(text, ZoneId.of("UTC"), from, 1)).containsExactly(expected);
        assertThat(CronTimes.parse(text, ZoneId.of("UTC"))
                        .lastUntil(at(expected).plusSeconds(30)))
                .contains(at(expected));
    }

    @Test
    void aDayThatNeverComesHasNone() {
        CronTimes never = CronTimes.parse("0 0 30 2 *", BERLIN);

        assertThat(never.firstAfter(at("2026-01-01T00:00:00Z"))).isEmpty();
        assertThat(never.lastUntil(at("2026-01-01T00:00:00Z"))).isEmpty();
    }

    @Test
    void aSkippedLocalTimeCountsAtTheNextMinuteThereIs() {
        // 2026-03-29, 02:00 to 03:00 do not exist in Berlin
        assertThat(after("30 2 * * *", BERLIN, "2026-03-28T00:00:00Z", 3))
                .containsExactly("2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z");
    }

    @Test
    void aLocalTimeThatComesTwiceCountsOnce() {
        // 2026-10-25, 02:00 to 03:00 come twice in Berlin
        assertThat(after("30 2 * * *", BERLIN, "2026-10-24T12:00:00Z", 2))
                .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
        assertThat(CronTimes.parse("30 2 * * *", BERLIN).lastUntil(at("2026-10-25T01:45:00Z")))
                .contains(at("2026-10-25T00:30:00Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * * 13 *",
                "* * * * 8",
                "* * * * Mo",
                "*/0 * * * *",
                "1- * * * *",
                "* * * * * *",
                "@daily",
                " * * * * *"
            })
    void anythingElseIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> CronTimes.parse(text, BERLIN));
    }

    @Test
    void aWindowIsOpenFromItsStartToJustBeforeItsEnd() {
        Windows windows = Windows.of(List.of(new KeepAwake("0 8 * * *", "10h", "Europe/Berlin")));

        assertThat(windows.openUntil(at("2026-01-02T06:59:59Z"))).isEmpty();
        assertThat(windows.openUntil(at("2026-01-02T07:00:00Z")).map(Windows::text))
                .contains("2026-01-02 18:00 Europe/Berlin");
        assertThat(windows.openUntil(at("2026-01-02T16:59:59Z"))).isPresent();
        assertThat(windows.openUntil(at("2026-01-02T17:00:00Z"))).isEmpty();
        assertThat(windows.nextEdge(at("2026-01-02T06:59:59Z"))).contains(at("2026-01-02T07:00:00Z"));
        assertThat(windows.nextEdge(at("2026-01-02T07:00:00Z"))).contains(at("2026-01-02T17:00:00Z"));
    }

    @Test
    void aWindowLastsItsDurationThoughTheClocksChange() {
        Windows windows = Windows.of(List.of(new KeepAwake("0 1 29 3 *", "3h", "Europe/Berlin")));

        assertThat(windows.openUntil(at("2026-03-29T01:30:00Z")).map(Windows::text))
                .contains("2026-03-29 05:00 Europe/Berlin");
    }

    @Test
    void ofWindowsThatOverlapTheLastEndCounts() {
        Windows windows =
                Windows.of(List.of(new KeepAwake("0 8 * * *", "2h", "UTC"), new KeepAwake("0 9 * * *", "30m", "UTC")));

        assertThat(windows.openUntil(at("2026-01-02T09:10:00Z")).map(Windows::text))
                .contains("2026-01-02 10:00 UTC");
        assertThat(windows.nextEdge(at("2026-01-02T08:10:00Z"))).contains(at("2026-01-02T09:00:00Z"));
    }

    @Test
    void withoutWindowsThereIsNoEdge() {
        assertThat(Windows.NONE.openUntil(Instant.EPOCH)).isEmpty();
        assertThat(Windows.NONE.nextEdge(Instant.EPOCH)).isEqualTo(Optional.empty());
    }
}
