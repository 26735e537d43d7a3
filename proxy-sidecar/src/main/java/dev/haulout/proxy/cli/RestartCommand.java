package dev.haulout.proxy.cli;

import dev.haulout.proxy.host.AdminSocket;
import dev.haulout.proxy.host.HostOptions;
import dev.haulout.proxy.host.RestartRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code haulout restart}: another server for the same sessions. */
@Command(
        name = "restart",
        description = {
            "Starts an instance's server again without dropping a connection: for a new version of it, or what was"
                    + " changed in its manifest. The manifests are read again first, as SIGHUP does it.",
            "Statements and transactions under way may end; what comes meanwhile waits for the next server. Exits with"
                    + " 1, and leaves the server as it is, when somebody is in the way."
        },
        mixinStandardHelpOptions = true)
final class RestartCommand implements Callable<Integer> {
    @Parameters(paramLabel = "[NAMESPACE/]NAME", description = "The instance, as haulout status shows it.")
    private String name;

    @Option(names = "--state", paramLabel = "DIR", description = "The --state of the running haulout host.")
    private Path state = HostOptions.usualState();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "How long what is under way may take to end, while others wait. Default: ${DEFAULT-VALUE}.")
    private int wait = 10;

    @Option(
            names = "--force",
            description = "Then end the sessions that still use it, with error 1927, and don't mind who uses the server"
                    + " beside the door.")
    private boolean force;

    @Override
    public Integer call() {
        if (wait < 0) {
            System.err.println("--wait " + wait + " is no time; say 0 or more seconds");
            return Main.MISUSE;
        }
        Path socket = HostOptions.adminSocket(state);
        try {
            RestartRequest.Reply reply = AdminSocket.restart(
                    socket, new RestartRequest(name, Duration.ofSeconds(wait).toMillis(), force));
            (reply.done() ? System.out : System.err).println(reply.text());
            return reply.done() ? 0 : 1;
        } catch (IOException e) {
            System.err.println("no haulout host answers at " + socket + " (" + e.getMessage()
                    + "); start it, or name its --state");
            return 1;
        }
    }
}
