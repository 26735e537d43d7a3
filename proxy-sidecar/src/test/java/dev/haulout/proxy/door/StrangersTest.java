package dev.haulout.proxy.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever fills the doors does so for himself. */
class StrangersTest {
    private final List<String> sentAway = new ArrayList<>();

    private boolean admit(Strangers strangers, String source, String who) {
        return strangers.admit(source, who, () -> sentAway.add(who));
    }

    @Test
    void aNewcomerTakesThePlaceOfTheEldestOfWhoHasMost() {
        Strangers strangers = new Strangers(3, 5);
        for (String who : List.of("a1", "a2", "a3", "b1", "b2")) {
            assertThat(admit(strangers, who.substring(0, 1), who)).isTrue();
        }

        assertThat(admit(strangers, "c", "c1")).isTrue();

        assertThat(sentAway).containsExactly("a1");
    }

    @Test
    void nobodyIsSentAwayForOneWhoHasAsMany() {
        Strangers strangers = new Strangers(3, 4);
        for (String who : List.of("a1", "a2", "b1", "b2")) {
            assertThat(admit(strangers, who.substring(0, 1), who)).isTrue();
        }

        assertThat(admit(strangers, "b", "b3")).isFalse();
        assertThat(sentAway).isEmpty();
        assertThat(admit(strangers, "c", "c1")).isTrue();
        assertThat(admit(strangers, "c", "c2"))
                .as("two of a source, beside two")
                .isFalse();
    }

    @Test
    void whoWasSentAwayGivesNoPlaceBackTwice() {
        Strangers strangers = new Strangers(2, 2);
        admit(strangers, "a", "a1");
        admit(strangers, "a", "a2");
        admit(strangers, "b", "b1");

        strangers.release("a", "a1");

        assertThat(sentAway).containsExactly("a1");
        assertThat(admit(strangers, "c", "c1")).isFalse();
    }
}
