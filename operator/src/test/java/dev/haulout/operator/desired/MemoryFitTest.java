package dev.haulout.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryFitTest {
    private static final long MIB = 1 << 20;

    @ParameterizedTest
    @CsvSource({
        "64, 16, 16, 10",
        "128, 57, 16, 15",
        "256, 115, 16, 62",
        "512, 230, 32, 151",
        "8192, 3686, 96, 151",
        "65536, 29491, 96, 151",
    })
    void fits(int memory, int pool, int redo, int connections) {
        assertThat(MemoryFit.of(memory * MIB)).isEqualTo(new MemoryFit(pool, redo, connections));
    }

    @Test
    void moreMemoryIsNeverLessOfAnything() {
        MemoryFit last = MemoryFit.of(64 * MIB);
        for (int memory = 65; memory < 2048; memory++) {
            MemoryFit fit = MemoryFit.of(memory * MIB);
            assertThat(fit.bufferPool()).isGreaterThanOrEqualTo(last.bufferPool());
            assertThat(fit.redo()).isGreaterThanOrEqualTo(last.redo());
            last = fit;
        }
    }
}
