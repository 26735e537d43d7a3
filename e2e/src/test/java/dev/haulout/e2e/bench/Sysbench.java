package dev.haulout.e2e.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * sysbench with one of its own scripts.
 *
 * @param script such as {@code oltp_point_select}
 * @param arguments further ones
 */
record Sysbench(String script, List<String> arguments) {
    private static final Pattern QUERIES = Pattern.compile("queries: +(\\d+) +\\(([0-9.]+) per sec\\.\\)");

    /** What it ignores are deadlocks, of which each way to the server has some. */
    private static final Pattern RECONNECTS = Pattern.compile("reconnects: +[1-9]");

    /**
     * What a run came to.
     *
     * @param statements in all
     * @param perSecond of them
     */
    record Result(long statements, double perSecond) {}

    /** Makes the table. */
    void prepare(SocketAddress server, int rows) throws IOException, InterruptedException {
        List<String> command = command(server);
        command.addAll(List.of("--table-size=" + rows, "prepare"));
        said(command);
    }

    /** Runs it for so long. */
    Result run(SocketAddress server, int rows, int threads, int seconds) throws IOException, InterruptedException {
        String said = said(runCommand(server, rows, threads, seconds));
        Matcher queries = QUERIES.matcher(said);
        Matcher reconnects = RECONNECTS.matcher(said);
        if (!queries.find() || reconnects.find()) {
            throw new IOException("sysbench " + script + " did not go well:\n" + said);
        }
        return new Result(Long.parseLong(queries.group(1)), Double.parseDouble(queries.group(2)));
    }

    /** How {@link #run} calls it. */
    List<String> runCommand(SocketAddress server, int rows, int threads, int seconds) {
        List<String> command = command(server);
        command.addAll(List.of("--table-size=" + rows, "--threads=" + threads, "--time=" + seconds));
        command.addAll(arguments);
        command.add("run");
        return command;
    }

    private List<String> command(SocketAddress server) {
        List<String> command = new ArrayList<>(List.of(
                "sysbench",
                script,
                "--db-driver=mysql",
                "--mysql-user=app",
                "--mysql-password=secret",
                "--mysql-db=app",
                "--tables=1"));
        switch (server) {
            case UnixDomainSocketAddress unix -> command.add("--mysql-socket=" + unix.getPath());
            case InetSocketAddress tcp -> {
                command.add("--mysql-host=127.0.0.1");
                command.add("--mysql-port=" + tcp.getPort());
            }
            default -> throw new IllegalArgumentException("an address of another kind: " + server);
        }
        return command;
    }

    private static String said(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed:\n" + said);
        }
        return said;
    }
}
