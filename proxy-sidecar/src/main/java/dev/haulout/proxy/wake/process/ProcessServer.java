package dev.haulout.proxy.wake.process;

import dev.haulout.proxy.account.Tls;
import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.ServiceAccount;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@code mariadbd} that runs as a process of its own on this host. */
public final class ProcessServer implements Server {
    /** How often we look whether a server that isn't our child is still there; the kernel tells only parents. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);

    private static final Logger log = LoggerFactory.getLogger(ProcessServer.class);

    private static final int SIGNALLED = 128;

    private final InstanceFolder folder;
    private final LinuxProcess process;
    private final Secrets secrets;
    private final ServerTls serverTls;
    private final CompletableFuture<String> ended;

    private ProcessServer(
            InstanceFolder folder,
            LinuxProcess process,
            Secrets secrets,
            ServerTls serverTls,
            CompletableFuture<String> ended) {
        this.serverTls = serverTls;
        this.folder = folder;
        this.process = process;
        this.secrets = secrets;
        this.ended = ended;
    }

    /** A server that we started. */
    static ProcessServer child(
            InstanceFolder folder, LinuxProcess process, Secrets secrets, ServerTls tls, Process child) {
        return new ProcessServer(folder, process, secrets, tls, child.onExit().thenApply(it -> ending(it.exitValue())));
    }

    /** A server that an earlier proxy started. */
    static ProcessServer adopted(InstanceFolder folder, LinuxProcess process, Secrets secrets, ServerTls tls) {
        CompletableFuture<String> ended = new CompletableFuture<>();
        Thread.ofVirtual().name("end of " + folder.instance()).start(() -> {
            try {
                awaitEnd(process);
                boolean clean = ServerLog.endOf(folder.log()).lastLines().stream()
                        .anyMatch(line -> line.endsWith("Shutdown complete"));
                ended.complete(clean ? "shut down" : "ended without a word, perhaps killed");
            } catch (InterruptedException e) {
                ended.completeExceptionally(e);
            }
        });
        return new ProcessServer(folder, process, secrets, tls, ended);
    }

    /** How a process ended, in words; Java tells a signal as 128 and its number. */
    static String ending(int status) {
        return status > SIGNALLED ? "killed by signal " + (status - SIGNALLED) : "exited with status " + status;
    }

    private static void awaitEnd(LinuxProcess process) throws InterruptedException {
        while (process.alive()) {
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    LinuxProcess process() {
        return process;
    }

    @Override
    public SocketAddress address() {
        return new DomainSocketAddress(folder.socket().toFile());
    }

    @Override
    public Optional<BackendTls> tls() {
        return Optional.empty(); // its socket is in a folder of its own
    }

    @Override
    public Optional<BackendTls> tls(Optional<Tls> asked) {
        if (asked.isEmpty()) {
            return tls();
        }
        try {
            return Optional.of(serverTls.towardsServer(asked.get()));
        } catch (IOException e) {
            log.error("no TLS towards {}, whose account asks for it: {}", this, e.getMessage());
            return tls();
        }
    }

    @Override
    public Optional<ServiceAccount> serviceAccount() {
        return Optional.of(new ServiceAccount(AccountScript.SERVICE_USER, secrets.service()));
    }

    /**
     * How a door logs {@code root@localhost} in once it has itself made sure that its client is the operating system's
     * root. The password fits as long as nobody has given that account another.
     */
    public ServiceAccount rootAccount() {
        return new ServiceAccount("root", secrets.root());
    }

    @Override
    public OptionalLong pid() {
        return OptionalLong.of(process.pid());
    }

    @Override
    public OptionalLong residentBytes() {
        return process.alive() ? process.residentBytes() : OptionalLong.empty();
    }

    @Override
    public CompletionStage<String> ended() {
        return ended.minimalCompletionStage();
    }

    @Override
    public void terminate() {
        if (process.alive()) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroy);
        }
    }

    /** Ends the server at once (SIGKILL): only for one that did nothing for too long and ignores SIGTERM. */
    void kill() {
        if (process.alive()) {
            ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Override
    public String toString() {
        return "ProcessServer[" + folder.instance() + ", pid " + process.pid() + "]";
    }
}
