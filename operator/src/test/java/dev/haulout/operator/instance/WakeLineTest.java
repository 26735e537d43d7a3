package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WakeLineTest {
    private static final Optional<WakeLine.Place> ITS_TURN = Optional.empty();

    private final AtomicLong nanos = new AtomicLong();
    private final List<String> turns = new ArrayList<>();
    private final WakeLine line = new WakeLine(2, nanos::get, id -> turns.add(id.getName()));

    private Optional<WakeLine.Place> ask(String name) {
        return ask(name, true);
    }

    private Optional<WakeLine.Place> ask(String name, boolean waitedFor) {
        return line.ask(name, new ResourceID(name, "shop"), waitedFor);
    }

    private static Optional<WakeLine.Place> place(int number) {
        return Optional.of(new WakeLine.Place(number, 2));
    }

    @Test
    void asManyStartAsMayAndTheOthersWaitInTheirOrder() {
        assertThat(ask("a")).isEqualTo(ITS_TURN);
        assertThat(ask("b")).isEqualTo(ITS_TURN);
        assertThat(ask("c")).isEqualTo(place(1));
        assertThat(ask("d")).isEqualTo(place(2));
        assertThat(ask("c")).isEqualTo(place(1));
    }

    @Test
    void whoStartsKeepsItsTurnHoweverOftenItAsks() {
        ask("a");
        ask("b");

        assertThat(ask("a")).isEqualTo(ITS_TURN);
    }

    @Test
    void theNextIsToldWhenOneIsUp() {
        ask("a");
        ask("b");
        ask("c");
        ask("d");

        line.leave("a");

        assertThat(turns).containsExactly("c");
        assertThat(ask("d")).isEqualTo(place(2));
        assertThat(ask("c")).isEqualTo(ITS_TURN);
        assertThat(ask("d")).isEqualTo(place(1));
    }

    @Test
    void whoGivesUpItsPlaceHasTheOthersMoveUp() {
        ask("a");
        ask("b");
        ask("c");
        ask("d");

        line.leave("c");

        assertThat(ask("d")).isEqualTo(place(1));
        assertThat(turns).isEmpty();
    }

    @Test
    void whoIsWaitedForComesFirst() {
        ask("a");
        ask("b");
        ask("new-1", false);
        ask("new-2", false);

        assertThat(ask("c")).isEqualTo(place(1));
        assertThat(ask("new-2", true)).isEqualTo(place(2));
        assertThat(ask("new-1", false)).isEqualTo(place(3));
    }

    @Test
    void serversThatAreFoundStartingCount() {
        line.starts("found-1");
        line.starts("found-2");

        assertThat(ask("a")).isEqualTo(place(1));
    }

    @Test
    void aServerThatNeverComesUpKeepsTheOthersForSomeMinutesOnly() {
        ask("a");
        ask("b");
        ask("c");
        nanos.addAndGet(Duration.ofMinutes(5).toNanos() + 1);
        line.starts("a"); // is looked at once more

        assertThat(ask("c")).isEqualTo(ITS_TURN);
    }
}
