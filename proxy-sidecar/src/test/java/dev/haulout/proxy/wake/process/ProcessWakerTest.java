package dev.haulout.proxy.wake.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.haulout.proxy.wake.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ProcessWakerTest {
    private static final ApplicationAccount APP = new ApplicationAccount("my_app", "own`er", "it's");

    private Host host;

    @BeforeEach
    void openHost() {
        host = new Host();
    }

    @AfterEach
    void closeHost() throws Exception {
        host.close();
    }

    @Test
    void firstStartCreatesAServerWithItsAccounts() throws Exception {
        InstanceFolder folder = host.folder("shop");
        List<String> phases = new ArrayList<>();

        Server server = new ProcessWaker(folder, Host.binary(), Host.settings(Optional.of(APP), Duration.ofSeconds(60)))
                .start(phases::add);

        assertThat(phases).containsExactly("initialise", "exec", "ready");
        assertThat(Host.query(folder, APP.user(), APP.password(), "CREATE TABLE my_app.t (a INT); SELECT 1"))
                .isEqualTo("1");
        assertThat(Host.query(server, folder, "SELECT User, Host FROM mysql.global_priv ORDER BY 1, 2"))
                .isEqualTo("haulout\tlocalhost\nmariadb.sys\tlocalhost\nown`er\t%\nroot\tlocalhost");
        assertThat(Host.root(server, folder, "SHOW DATABASES LIKE 'test'")).isEmpty();
        assertThat(server.residentBytes().orElseThrow()).isBetween(10L << 20, 1L << 30);
        assertThat(folder.accountScript()).doesNotExist();
    }

    @Test
    void grantOfASchemaDoesNotCoverOthersThatItsNameMatchesAsAPattern() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Server server = new ProcessWaker(folder, Host.binary(), Host.settings(Optional.of(APP), Duration.ofSeconds(60)))
                .start(phase -> {});
        Host.root(server, folder, "CREATE DATABASE myxapp");

        Command.Outcome outcome = Host.ask(folder, APP.user(), APP.password(), "CREATE TABLE myxapp.t (a INT)");

        assertThat(outcome.lines().toString()).contains("command denied");
    }

    @Test
    void startOfOneServerLeavesTheTemporaryTablesOfAnotherAlone() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Server server = Host.start(folder);
        Path temporary = Path.of(Host.query(server, folder, "SELECT @@tmpdir"));
        Path table = Files.createFile(temporary.resolve("#sql-temptable-1-1-" + System.nanoTime() + ".MAI"));
        Files.setOwner(table, Files.getOwner(folder.data()));

        Host.start(host.folder("cellar"));

        assertThat(table).exists();
        assertThat(Files.getPosixFilePermissions(temporary)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void secretsAndSocketAreForTheServersUserAndUsOnly() throws Exception {
        InstanceFolder folder = host.folder("shop");

        Server server = Host.start(folder);

        Set<PosixFilePermission> owner = PosixFilePermissions.fromString("rw-------");
        assertThat(Files.getPosixFilePermissions(folder.secrets())).isEqualTo(owner);
        assertThat(Files.getPosixFilePermissions(folder.options())).isEqualTo(owner);
        assertThat(Files.getPosixFilePermissions(folder.run())).isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.getPosixFilePermissions(folder.data()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.readString(folder.secrets()))
                .contains(server.serviceAccount().orElseThrow().password());
        assertThat(server.serviceAccount().orElseThrow().password()).hasSize(43);
        assertThat(server.toString() + server.serviceAccount())
                .doesNotContain(server.serviceAccount().orElseThrow().password());
    }

    @Test
    void rootNeedsOurSecretEvenFromTheServersOwnSocket() throws Exception {
        InstanceFolder folder = host.folder("shop");

        Server server = Host.start(folder);

        assertThat(Host.root(server, folder, "SELECT CURRENT_USER()")).isEqualTo("root@localhost");
        for (String password : List.of("", "wrong")) {
            assertThat(Host.ask(folder, "root", password, "SELECT 1").status()).isNotZero();
        }
        assertThat(Host.ask(folder, "nobody", "", "SELECT 1").status()).isNotZero();
    }

    @Test
    void ourAccountAdministersButReadsNoData() throws Exception {
        InstanceFolder folder = host.folder("shop");
        Server server = Host.start(folder);
        Host.root(
                server,
                folder,
                "CREATE DATABASE a; CREATE TABLE a.m (i INT) ENGINE=MEMORY; INSERT INTO a.m VALUES (1)");

        String seen = Host.query(
                server,
                folder,
                "SET GLOBAL max_connections = 20; SET GLOBAL proxy_protocol_networks = 'localhost';"
                        + " SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE ENGINE = 'MEMORY'"
                        + " AND TABLE_SCHEMA = 'a'; SELECT COUNT(*) FROM information_schema.INNODB_TRX;"
                        + " SELECT COUNT(*) FROM information_schema.METADATA_LOCK_INFO WHERE FALSE");

        assertThat(seen).isEqualTo("m\t1\n0\n0");
        var account = server.serviceAccount().orElseThrow();
        assertThat(Host.ask(folder, account.user(), account.password(), "SELECT * FROM a.m")
                        .lines()
                        .toString())
                .contains("SELECT command denied");
        assertThat(Host.ask(folder, account.user(), account.password(), "GRANT SELECT ON a.* TO haulout@localhost")
                        .status())
                .isNotZero();
        Host.query(server, folder, "SHUTDOWN");
        assertThat(server.ended().toCompletableFuture().get(20, TimeUnit.SECONDS))
                .isEqualTo("exited with status 0");
    }

    @Test
    void instancesOfOneTemplateHaveSecretsOfTheirOwn() throws Exception {
        InstanceFolder first = host.folder("first");
        InstanceFolder second = host.folder("second");

        Server one = Host.start(first);
        Server two = Host.start(second);

        assertThat(one.serviceAccount()).isNotEqualTo(two.serviceAccount());
        assertThat(Host.query(two, second, "SELECT @@datadir")).isEqualTo(second.data() + "/");
        assertThat(Host.ask(
                                second,
                                "haulout",
                                one.serviceAccount().orElseThrow().password(),
                                "SELECT 1")
                        .status())
                .isNotZero();
    }

    @Test
    void lostSecretsAreMadeAnew() throws Exception {
        InstanceFolder folder = host.folder("shop");
        ProcessWaker waker = Host.waker(folder);
        Host.stop(waker.start(phase -> {}));
        Files.delete(folder.secrets());

        Server server = waker.start(phase -> {});

        assertThat(Host.query(server, folder, "SELECT 1")).isEqualTo("1");
        assertThat(Host.root(server, folder, "SELECT 1")).isEqualTo("1");
    }

    @Test
    void usersOptionsWinOverOursButNotOverWhatTheProxyReliesOn() throws Exception {
        InstanceFolder folder = host.folder("shop");
        ProcessSettings settings = Host.settings(
                "key-buffer-size=2M", "socket=/tmp/elsewhere.sock", "skip-networking=OFF", "log-error=/tmp/elsewhere");

        Server server = new ProcessWaker(folder, Host.binary(), settings).start(phase -> {});

        assertThat(Host.query(
                        server,
                        folder,
                        "SELECT @@key_buffer_size, @@socket, @@skip_networking, @@log_error,"
                                + " @@innodb_flush_log_at_trx_commit, @@innodb_doublewrite"))
                .isEqualTo("2097152\t" + folder.socket() + "\t1\t\t1\t1");
    }

    @Test
    void whatRootLeftInTheDataDirectoryIsGivenToTheServersUser() throws Exception {
        assumeThat(Host.weAreRoot()).isTrue();
        InstanceFolder folder = host.folder("shop");
        ProcessWaker waker = Host.waker(folder);
        Host.stop(waker.start(phase -> {}));
        Path left = folder.data().resolve("ddl_recovery.log");
        Files.deleteIfExists(left);
        Files.writeString(left, "");
        Files.setPosixFilePermissions(left, PosixFilePermissions.fromString("rw-------"));

        Server server = waker.start(phase -> {});

        assertThat(Host.query(server, folder, "SELECT 1")).isEqualTo("1");
    }
}
