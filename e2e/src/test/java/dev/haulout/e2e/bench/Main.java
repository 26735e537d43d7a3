package dev.haulout.e2e.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code haulout bench}: the list of measurements, or one of them. */
@Command(
        name = "haulout bench",
        description = {
            "Measures Haulout on this machine, from outside the program.",
            "Each prints the commands it ran, its raw samples and, as its last line, the result beside the aim."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "NAME",
        subcommands = {
            WakeBench.class,
            DoorsBench.class,
            RelayBench.class,
            KubeWakeBench.class,
            KubeInstancesBench.class
        })
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() {}

    /** Runs a measurement and exits with its status: 0, 1 when it failed, 2 when it was called wrongly. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** As {@link #main}, but gives the status back. */
    static int run(String... args) {
        return new CommandLine(new Main())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    System.err.println("bench failed: " + failure.getMessage());
                    return command.getCommandSpec().exitCodeOnExecutionException();
                })
                .execute(args);
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }
}
