package dev.haulout.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0s, PT0S",
        "500ms, PT0.5S",
        "90s, PT1M30S",
        "5m, PT5M",
        "1h30m, PT1H30M",
        "2h3m4s5ms, PT2H3M4.005S",
        "48h, PT48H",
        "999999h, PT999999H",
    })
    void readsWhatManifestsWrite(String text, Duration expected) {
        assertThat(Durations.parse(text)).isEqualTo(expected);
        assertThat(text).matches(Durations.PATTERN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "5",
                "5 m",
                "m",
                "5min",
                "-5m",
                "1.5h",
                "30m1h",
                "5m5m",
                "1d",
                "5M",
                "5m\n",
                "1000000s",
                "٥m"
            })
    void refusesEverythingElse(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Durations.parse(text))
                .withMessageContaining("\"" + text + "\"")
                .withMessageContaining("1h30m");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0s",
        "PT0.5S, 500ms",
        "PT90S, 1m30s",
        "PT3600S, 1h",
        "PT49H0.001S, 49h1ms",
        "PT0.0009S, 0s",
    })
    void writesTheShortestForm(Duration duration, String expected) {
        assertThat(Durations.format(duration)).isEqualTo(expected);
        assertThat(Durations.parse(expected)).isEqualTo(duration.truncatedTo(java.time.temporal.ChronoUnit.MILLIS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT-1S", "PT-0.001S"})
    void hasNoFormForLessThanNothing(Duration duration) {
        assertThatIllegalArgumentException().isThrownBy(() -> Durations.format(duration));
    }
}
