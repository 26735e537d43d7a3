package dev.haulout.proxy.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program's entry. */
@Command(
        name = "haulout",
        description = "Puts idle MariaDB to sleep and wakes it when a client connects.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ConnectCommand.class,
            DemoCommand.class,
            GatewayCommand.class,
            HostCommand.class,
            LuaCommand.class,
            ProxyCommand.class,
            RestartCommand.class,
            SidecarCommand.class,
            StatusCommand.class
        })
public final class Main {
    /** A mistake in the call, or in the manifests. */
    static final int MISUSE = 2;

    private Main() {}

    /** Runs a command and exits with its status: 0, 1 when it failed, 2 when it was called wrongly. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
