package dev.haulout.proxy.wake.process;

import dev.haulout.proxy.wake.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A proxy reduced to its waker: starts one server, prints its process id and stays until it is killed. */
final class StarterMain {
    private StarterMain() {}

    public static void main(String[] args) throws Exception {
        Path cache = Path.of(args[3]);
        ServerBinary found = ServerBinary.find(Optional.empty(), cache);
        ServerBinary binary = new ServerBinary(
                Path.of(args[2]),
                found.version(),
                found.share(),
                found.plugins(),
                found.locationOptions(),
                found.digest());
        Server server = new ProcessWaker(
                        new InstanceFolder(args[0], Path.of(args[1])),
                        binary,
                        new ProcessSettings(
                                Optional.empty(), List.of(), Optional.empty(), cache, Duration.ofSeconds(60)))
                .start(phase -> {});
        System.out.println(server.pid().orElseThrow());
        new CountDownLatch(1).await();
    }
}
