package dev.haulout.proxy.host;

import dev.haulout.crd.ListenAddress;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.Windows;
import dev.haulout.crd.manifest.InstanceManifest;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.account.Verifier;
import dev.haulout.proxy.door.Door;
import dev.haulout.proxy.durable.DurableFiles;
import dev.haulout.proxy.durable.FolderShelf;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.placement.Farewell;
import dev.haulout.proxy.placement.FirstIdentity;
import dev.haulout.proxy.placement.Sessions;
import dev.haulout.proxy.placement.Settings;
import dev.haulout.proxy.tls.ClientAuthority;
import dev.haulout.proxy.tls.InstanceTls;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Learned;
import dev.haulout.proxy.wake.Restart;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.WakeFailure;
import dev.haulout.proxy.wake.WakeProgress;
import dev.haulout.proxy.wake.Waker;
import dev.haulout.proxy.wake.process.ApplicationAccount;
import dev.haulout.proxy.wake.process.InstanceFolder;
import dev.haulout.proxy.wake.process.ProcessSettings;
import dev.haulout.proxy.wake.process.ProcessWaker;
import dev.haulout.proxy.wake.process.ServerBinary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** One instance on this host: what its manifest says, turned into doors and a server that can be woken. */
final class HostedInstance {
    private final Host host;
    private final Path folder;
    private final Instance instance;
    private final DoorMeters meters;
    private final Rewakeable waker = new Rewakeable();
    private final List<Door> doors = new ArrayList<>();
    private volatile InstanceManifest manifest;
    private volatile Optional<ClientAuthority> clients;

    /** Lets the way a server is started change with its manifest. */
    private static final class Rewakeable implements Waker {
        private volatile ProcessWaker present;

        @Override
        public Optional<Server> find() throws IOException, InterruptedException {
            return present.find();
        }

        @Override
        public boolean showsClientsNames() {
            return present.showsClientsNames();
        }

        @Override
        public Server start(WakeProgress progress) throws WakeFailure, InterruptedException {
            return present.start(progress);
        }
    }

    /** Prepares it; nothing runs and no door is open until {@link #open}. */
    HostedInstance(Host host, InstanceManifest manifest) throws IOException, InterruptedException {
        this.host = host;
        this.manifest = manifest;
        this.folder = host.folderOf(manifest);
        this.clients = clientAuthority(manifest);
        ServerBinary binary = host.binary(manifest);
        waker.present = waker(binary);
        Learned learned = new Learned(
                new FolderShelf(folder),
                FirstIdentity.of(binary.version().text(), digest(binary)),
                host.identities(),
                () -> accountsBeforeFirstStart(binary),
                this::rootPassword);
        this.meters = new DoorMeters(host.registry(), manifest.id(), () -> Sessions.count(instance()));
        this.instance = new Instance(
                host.surroundings(),
                Settings.of(manifest.id(), manifest.resource().getSpec()),
                waker,
                learned);
    }

    private static Optional<ClientAuthority> clientAuthority(InstanceManifest manifest) throws IOException {
        String pem = manifest.resource().getSpec().tls().clientCa();
        return pem == null ? Optional.empty() : Optional.of(ClientAuthority.of(pem));
    }

    private ProcessWaker waker(ServerBinary binary) throws IOException {
        MariaDBInstanceSpec spec = manifest.resource().getSpec();
        Optional<ApplicationAccount> application = spec.user() == null
                ? Optional.empty()
                : Optional.of(new ApplicationAccount(spec.database(), spec.user(), password()));
        return new ProcessWaker(
                new InstanceFolder(manifest.id(), folder),
                binary,
                new ProcessSettings(
                        Optional.ofNullable(spec.host().process().user()),
                        spec.myCnf() == null ? List.of() : spec.myCnf().lines().toList(),
                        application,
                        host.cache(),
                        ProcessSettings.DEFAULT_PATIENCE));
    }

    private String digest(ServerBinary binary) {
        String myCnf = manifest.resource().getSpec().myCnf();
        return HexFormat.of()
                .formatHex(sha256(
                        (binary.digest() + "\n" + (myCnf == null ? "" : myCnf)).getBytes(StandardCharsets.UTF_8)))
                .substring(0, 32);
    }

    private AccountBook accountsBeforeFirstStart(ServerBinary binary) {
        MariaDBInstanceSpec spec = manifest.resource().getSpec();
        byte[] password = spec.user() == null ? new byte[0] : password().getBytes(StandardCharsets.UTF_8);
        Secret sha1sha1 = Verifier.nativeHash(password);
        return AccountBook.beforeFirstStart(binary.version().text(), spec.database(), spec.user(), sha1sha1);
    }

    private Optional<String> rootPassword() {
        try {
            return waker.present.rootPassword();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The application's password: the manifest's, or one made up once and kept. */
    private String password() {
        return manifest.password().map(given -> given.reveal()).orElseGet(() -> {
            try {
                Path file = passwordFile();
                if (!Files.exists(file)) {
                    Files.createDirectories(folder);
                    byte[] random = new byte[18];
                    new SecureRandom().nextBytes(random);
                    DurableFiles.replace(file, Base64.getUrlEncoder().encode(random));
                }
                return Files.readString(file).strip();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Where a password that was made up is kept. */
    Path passwordFile() {
        return folder.resolve("password");
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    InstanceManifest manifest() {
        return manifest;
    }

    Instance instance() {
        return instance;
    }

    List<Door> doors() {
        return doors;
    }

    DoorMeters meters() {
        return meters;
    }

    /** Takes over a server that already runs, then opens the doors. */
    void open() throws IOException, InterruptedException {
        instance.takeOver();
        instance.keepAwake(windows());
        openDoors();
    }

    private Windows windows() {
        return Windows.of(manifest.resource().getSpec().sleep().keepAwake());
    }

    private List<ListenAddress> addresses() {
        List<String> listen = manifest.resource().getSpec().host().listen();
        if (!listen.isEmpty()) {
            return listen.stream().map(ListenAddress::parse).toList();
        }
        return List.of(host.usualAddress(manifest));
    }

    private void openDoors() throws IOException, InterruptedException {
        List<ListenAddress> wanted = addresses();
        for (Door door : List.copyOf(doors)) {
            if (!wanted.contains(door.address())) {
                door.close();
                doors.remove(door);
            }
        }
        for (ListenAddress address : wanted) {
            if (doors.stream().noneMatch(door -> door.address().equals(address))) {
                doors.add(Door.open(
                        host.surroundings().loops(),
                        host.sockets(),
                        address,
                        instance,
                        host.rules(),
                        meters,
                        Optional.of(new InstanceTls(host.tls(), () -> clients))));
            }
        }
    }

    /** Goes on with a changed manifest: sessions stay, the server's own settings wait for its next start. */
    void change(InstanceManifest changed) throws IOException, InterruptedException {
        clients = clientAuthority(changed);
        manifest = changed;
        ServerBinary binary = host.binary(changed);
        waker.present = waker(binary);
        instance.learned().expect(digest(binary));
        instance.settings(Settings.of(changed.id(), changed.resource().getSpec()));
        instance.keepAwake(windows());
        openDoors();
    }

    /** Starts its server again, the one that lies there by now and as the manifest says now. Blocks. */
    RestartRequest.Reply restart(Duration wait, boolean force) throws IOException, InterruptedException {
        ServerBinary binary = host.presentBinary(manifest);
        waker.present = waker(binary);
        instance.learned().expect(digest(binary));
        return switch (instance.restart(wait, force)) {
            case Restart.Outcome.Done done ->
                new RestartRequest.Reply(
                        true,
                        manifest.id() + " was started again; its sessions waited "
                                + done.took().toMillis() + " ms");
            case Restart.Outcome.Asleep asleep ->
                new RestartRequest.Reply(
                        true, manifest.id() + " has no running server; the next is started as its manifest says now");
            case Restart.Outcome.Kept kept ->
                new RestartRequest.Reply(
                        false,
                        manifest.id() + " was not started again because of "
                                + kept.by().text()
                                + "; end that, allow it more time with --wait, or end it with --force");
            case Restart.Outcome.Failed failed ->
                new RestartRequest.Reply(false, manifest.id() + " was stopped and does not come up: " + failed.why());
        };
    }

    /** Lets nobody in any more. */
    void closeDoors() {
        doors.forEach(Door::close);
        doors.clear();
    }

    /** Ends the sessions between their statements, for which they have so long. Blocks. */
    void sayFarewell(String why, Duration limit) throws InterruptedException {
        if (!limit.isZero()) {
            Farewell.forGood(instance).say(why, limit);
        }
    }

    /** Closes the doors, ends the sessions and, if asked, shuts the server down. */
    void close(String why, boolean stopServer, Duration limit) throws InterruptedException {
        closeDoors();
        instance.close(why, stopServer, limit);
    }
}
