package dev.haulout.proxy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.haulout.proxy.host.HostOptions;
import dev.haulout.proxy.host.InstanceStatus;
import dev.haulout.proxy.host.StatusSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
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
    private static final DateTimeFormatter SHORT =
            DateTimeFormatter.ofPattern("MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());

    @Option(names = "--state", paramLabel = "DIR", description = "The --state of the running haulout host.")
    private Path state = HostOptions.usualState();

    @Option(names = "--json", description = "All of it as JSON.")
    private boolean json;

    @Override
    public Integer call() throws JsonProcessingException {
        List<InstanceStatus> instances;
        try {
            instances = StatusSocket.ask(HostOptions.statusSocket(state));
        } catch (IOException e) {
            System.err.println("no haulout host answers at " + HostOptions.statusSocket(state) + " (" + e.getMessage()
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
        rows.add(List.of("NAME", "STATE", "SINCE", "SESSIONS", "SLEEPS IN", "LAST WAKE", "WHY"));
        for (InstanceStatus instance : instances) {
            rows.add(List.of(
                    instance.name(),
                    instance.state(),
                    since(instance.since()),
                    instance.sessionsActive() + "+" + instance.sessionsHeld(),
                    instance.sleepsInSeconds() == null
                            ? "-"
                            : String.format(Locale.ROOT, "%.0f s", instance.sleepsInSeconds()),
                    wake(instance.lastWake()),
                    instance.why() == null ? "-" : instance.why()));
        }
        OptionalInt columns = Terminal.columns();
        aligned(rows)
                .forEach(line ->
                        System.out.println(columns.isPresent() ? Terminal.cut(line, columns.getAsInt()) : line));
        System.out.println("SESSIONS are active+held: with a connection to the server, and without.");
    }

    private static List<String> aligned(List<List<String>> rows) {
        List<String> lines = new ArrayList<>();
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
            lines.add(line.append(row.get(last)).toString());
        }
        return lines;
    }

    private static String since(String instant) {
        return SHORT.format(Instant.parse(instant));
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
