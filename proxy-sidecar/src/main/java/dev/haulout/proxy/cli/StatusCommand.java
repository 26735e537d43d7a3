package dev.haulout.proxy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.haulout.proxy.host.AdminSocket;
import dev.haulout.proxy.host.HostOptions;
import dev.haulout.proxy.host.InstanceStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code haulout status}: a line per instance. */
@Command(
        name = "status",
        description =
                "Shows each instance of the running haulout host: its state, why it is awake, its sessions, its last"
                        + " wake by phase, and when it may sleep. Asking wakes nothing.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Option(names = "--state", paramLabel = "DIR", description = "The --state of the running haulout host.")
    private Path state = HostOptions.usualState();

    @Option(names = "--json", description = "All of it as JSON.")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        List<InstanceStatus> instances;
        try {
            instances = AdminSocket.status(HostOptions.adminSocket(state));
        } catch (IOException e) {
            System.err.println("no haulout host answers at " + HostOptions.adminSocket(state) + " (" + e.getMessage()
                    + "); start it, or name its --state");
            return 1;
        }
        if (json) {
            System.out.println(new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(instances));
        } else {
            print(instances);
        }
        return 0;
    }

    private static void print(List<InstanceStatus> instances) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NAME", "STATE", "SESSIONS", "SLEEPS IN", "LAST WAKE", "WHY"));
        for (InstanceStatus instance : instances) {
            rows.add(List.of(
                    instance.name(),
                    instance.state(),
                    instance.sessionsActive() + "+" + instance.sessionsHeld(),
                    instance.sleepsInSeconds() == null
                            ? "-"
                            : String.format(Locale.ROOT, "%.0f s", instance.sleepsInSeconds()),
                    wake(instance.lastWake()),
                    instance.why() == null ? "-" : instance.why()));
        }
        OptionalInt columns = Terminal.columns();
        aligned(rows).forEach(line -> print(line, columns));
        System.out.println("SESSIONS are active+held: with a connection to the server, and without.");
    }

    /**
     * One instance's line.
     *
     * @param start all columns but the last
     * @param why the last one
     */
    private record Line(String start, String why) {}

    /** On a terminal too narrow for it, the reason stands below the rest, and what is longer still is cut. */
    private static void print(Line line, OptionalInt columns) {
        String whole = line.start() + line.why();
        if (columns.isEmpty() || whole.length() <= columns.getAsInt()) {
            System.out.println(whole);
            return;
        }
        System.out.println(Terminal.cut(line.start().stripTrailing(), columns.getAsInt()));
        System.out.println(Terminal.cut("  " + line.why(), columns.getAsInt()));
    }

    private static List<Line> aligned(List<List<String>> rows) {
        List<Line> lines = new ArrayList<>();
        int last = rows.getFirst().size() - 1;
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < last; i++) {
                int column = i;
                int width = rows.stream()
                        .mapToInt(r -> r.get(column).length())
                        .max()
                        .orElseThrow();
                line.append(String.format("%-" + width + "s  ", row.get(i)));
            }
            lines.add(new Line(line.toString(), row.get(last)));
        }
        return lines;
    }

    private static String wake(InstanceStatus.Wake wake) {
        if (wake == null) {
            return "-";
        }
        String phases = wake.phases().stream()
                .map(phase -> phase.name() + " " + Math.round(phase.millis()))
                .collect(Collectors.joining(", "));
        return Math.round(wake.millis()) + " ms" + (wake.outcome().equals("ok") ? "" : " " + wake.outcome()) + " ("
                + phases + ")";
    }
}
