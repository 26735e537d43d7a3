package dev.haulout.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The measurements stay alive: with tiny parameters they run to their last line. What they measure is not judged here. */
class BenchSmokeTest {
    private static List<String> linesOf(String... arguments) {
        PrintStream usual = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        int status;
        try {
            status = Main.run(arguments);
        } finally {
            System.setOut(usual);
        }
        String text = said.toString(StandardCharsets.UTF_8);
        usual.print(text);
        assertThat(status).as(text).isZero();
        return text.lines().toList();
    }

    @Test
    void withoutANameTheMeasurementsAreListed() {
        assertThat(linesOf()).anyMatch(line -> line.contains("wake ")).anyMatch(line -> line.contains("doors "));
    }

    @Test
    void wakeEndsWithItsRatio() {
        List<String> lines = linesOf("wake", "--rounds", "2", "--cli-rounds", "1");

        assertThat(lines.getLast()).matches("ratio \\d+\\.\\d\\d \\(aim: at most 1\\.3\\)");
        assertThat(lines)
                .filteredOn(line -> line.matches(" +[12] .*  1, 1, exec .*"))
                .hasSize(2);
    }

    @Test
    void doorsEndsWithTimeMemoryAndCpu() {
        List<String> lines = linesOf("doors", "--instances", "50", "--idle", "1");

        assertThat(lines.getLast())
                .matches("50 doors, .* open after .* \\d+ MB resident, .* of CPU in 1 s idle \\(aim: none\\)");
        assertThat(lines).anyMatch(line -> line.matches("a client at .* got its row; .*: 1, processes of it: 1"));
    }

    @Test
    void relayEndsWithItsRatios() {
        assumeThat(List.of("sysbench", "haproxy")).allMatch(RelayBench::isInstalled);

        List<String> lines = linesOf(
                "relay", "--rounds", "1", "--seconds", "1", "--sessions", "20", "--only", "text-select,latency");

        assertThat(lines).anyMatch(line -> line.matches("20 idle sessions: \\d+ MB resident, .*; HAProxy \\d+ MB"));
        assertThat(lines)
                .anyMatch(line -> line.matches("text-select: door \\d+ statements/s, .*; ratio to HAProxy \\d.*"));
        assertThat(lines.getLast())
                .matches("latency: door .* us, HAProxy .* more than HAProxy \\(aim: at most 2\\); .*");
    }
}
