package dev.haulout.proxy.wake.process;

import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.WakeFailure;
import dev.haulout.proxy.wake.WakeProgress;
import dev.haulout.proxy.wake.Waker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs an instance's server as a process of its own on this host. The server outlives us; a later proxy takes it over.
 *
 * <p>The phases of a wake are {@code initialise} (a data directory was created; only then), {@code exec} (the process
 * runs), {@code ready} (its greeting came).
 */
public final class ProcessWaker implements Waker {
    /** How long a server that did nothing for too long may take to obey SIGTERM. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(ProcessWaker.class);

    private final InstanceFolder folder;
    private final ServerBinary binary;
    private final ProcessSettings settings;
    private final RunRecord record;
    private final ServerTls tls;
    private Optional<ProcessServer> current = Optional.empty();

    /**
     * @param folder where the instance lives; made at the first start
     * @param binary the server to run
     */
    public ProcessWaker(InstanceFolder folder, ServerBinary binary, ProcessSettings settings) {
        this.folder = folder;
        this.binary = binary;
        this.settings = settings;
        this.record = new RunRecord(folder);
        this.tls = new ServerTls(folder);
    }

    /** {@inheritDoc} One that is shutting down is waited for, and then none runs. */
    @Override
    public Optional<Server> find() throws IOException, InterruptedException {
        Optional<LinuxProcess> running = record.running();
        if (running.isEmpty()) {
            record.clear();
            return Optional.empty();
        }
        LinuxProcess process = running.get();
        ProcessServer server = known(process);
        return switch (awaitGreeting(process, ServerLog.endOf(folder.log()))) {
            case READY -> {
                record.started(process);
                current = Optional.of(server);
                yield Optional.of(server);
            }
            case ENDED -> {
                record.clear();
                yield Optional.empty();
            }
            case STUCK -> {
                endStuck(process, server);
                yield Optional.empty();
            }
        };
    }

    /**
     * By what a door logs {@code root@localhost} in once it has itself made sure that its client is the operating
     * system's root; empty before the data directory is made.
     */
    public Optional<String> rootPassword() throws IOException {
        return Files.exists(folder.secrets())
                ? Optional.of(Secrets.read(folder.secrets()).root())
                : Optional.empty();
    }

    private ProcessServer known(LinuxProcess process) throws IOException {
        if (current.isPresent() && current.get().process().equals(process)) {
            return current.get();
        }
        log.atInfo()
                .addKeyValue("instance", folder.instance())
                .log("a server already runs as process {} and is taken over", process.pid());
        return ProcessServer.adopted(folder, process, Secrets.read(folder.secrets()), tls);
    }

    @Override
    public boolean showsClientsNames() {
        return true;
    }

    @Override
    public Server start(WakeProgress progress) throws WakeFailure, InterruptedException {
        try {
            Optional<Server> running = find();
            if (running.isPresent()) {
                return running.get();
            }
            return launch(progress);
        } catch (IOException e) {
            throw failure(StartCause.of(e), List.of());
        }
    }

    private ProcessServer launch(WakeProgress progress) throws IOException, WakeFailure, InterruptedException {
        folder.checkSocketPath();
        ServerUser user = ServerUser.resolve(settings.serverUser());
        DataDirectory data = new DataDirectory(folder, binary, user);
        if (!data.exists()) {
            data.create(new Template(binary, user, settings.cache()), settings.application());
            progress.ended("initialise");
        }
        data.checkVersion();
        data.prepare();
        user.makePrivateDirectory(folder.run());
        user.makePrivateDirectory(folder.temporary());
        tls.prepare(user);
        Files.deleteIfExists(folder.socket());
        Files.deleteIfExists(folder.serverPidFile());
        ServerCommand command = new ServerCommand(folder, binary, user, tls);
        command.writeOptions(settings.myCnf());
        Secrets secrets = Secrets.read(folder.secrets());
        ServerLog serverLog = ServerLog.startingIn(folder.log());
        Optional<Path> accounts = data.pendingAccounts();

        record.starting();
        Process child = command.spawn(serverLog, accounts);
        LinuxProcess process = LinuxProcess.of(child.pid()).orElse(new LinuxProcess(child.pid(), 0));
        record.started(process);
        progress.ended("exec");
        ProcessServer server = ProcessServer.child(folder, process, secrets, tls, child);
        return switch (awaitGreeting(process, serverLog)) {
            case READY -> {
                progress.ended("ready");
                if (accounts.isPresent()) {
                    finishAccounts(data, serverLog, server);
                }
                data.recordVersion();
                current = Optional.of(server);
                yield server;
            }
            case ENDED -> {
                record.clear();
                throw failure(serverLog, ProcessServer.ending(child.waitFor()), user);
            }
            case STUCK -> {
                endStuck(process, server);
                throw failure(
                        serverLog, "it did nothing for " + settings.patience().toSeconds() + " s and was ended", user);
            }
        };
    }

    /** A server goes on when its {@code init-file} fails and only says so; without our account it is of no use to us. */
    private void finishAccounts(DataDirectory data, ServerLog serverLog, ProcessServer server)
            throws IOException, WakeFailure, InterruptedException {
        Optional<String> refused = serverLog.lines().stream()
                .filter(line -> line.startsWith("ERROR: "))
                .findFirst();
        if (refused.isPresent()) {
            end(server);
            throw failure("its accounts could not be made: " + refused.get(), serverLog.lastLines());
        }
        data.accountsMade();
    }

    private Readiness.Outcome awaitGreeting(LinuxProcess process, ServerLog serverLog) throws InterruptedException {
        return new Readiness(folder.socket(), process, serverLog::size, settings.patience()).await();
    }

    private void endStuck(LinuxProcess process, ProcessServer server) throws IOException, InterruptedException {
        if (process.stopped()) {
            throw new IOException("process " + process.pid() + " is held by a stop signal or a debugger: let it go on"
                    + " with kill -CONT " + process.pid());
        }
        log.atWarn()
                .addKeyValue("instance", folder.instance())
                .log("the server, process {}, neither answers nor does anything and is ended", process.pid());
        end(server);
    }

    private void end(ProcessServer server) throws IOException, InterruptedException {
        server.terminate();
        if (!endsWithin(server, GRACE)) {
            server.kill();
            if (!endsWithin(server, GRACE)) {
                throw new IOException("process " + server.process().pid()
                        + " does not end, not even killed: its disk may not answer");
            }
        }
        record.clear();
    }

    private static boolean endsWithin(ProcessServer server, Duration limit) throws InterruptedException {
        try {
            server.ended().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of " + server + " cannot be awaited", e);
        }
    }

    private WakeFailure failure(ServerLog serverLog, String ending, ServerUser user) {
        return failure(StartCause.of(serverLog.lines(), ending, binary, user), serverLog.lastLines());
    }

    private WakeFailure failure(String cause, List<String> lastLines) {
        return new WakeFailure("the server of " + folder.instance() + " did not start: " + cause, lastLines);
    }
}
