package dev.haulout.operator.startscript;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts a server in its pod, with a real server. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class StartScriptTest {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String INTERRUPTIBLE = "DO SLEEP(600);\n";

    @TempDir
    static Path certificates;

    private PodFolder pod;

    @BeforeAll
    static void makeCertificate() throws Exception {
        PodFolder.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
                "/CN=server",
                "-keyout",
                certificates.resolve("tls.key").toString(),
                "-out",
                certificates.resolve("tls.crt").toString());
        Files.copy(certificates.resolve("tls.crt"), certificates.resolve("ca.crt"));
    }

    @BeforeEach
    void makePod() throws Exception {
        pod = PodFolder.make(certificates);
    }

    @AfterEach
    void removePod() throws Exception {
        pod.close();
    }

    @Test
    void firstStartInitialisesThenServes() throws Exception {
        pod.start();

        awaitServer();

        assertThat(pod.log()).contains("entrypoint: initialising", "entrypoint: running accounts.sql");
        assertThat(pod.query("SELECT VERSION()"))
                .startsWith(Files.readString(pod.onVolume("haulout.ready")).strip());
        assertThat(pod.onVolume("haulout.initialising")).doesNotExist();
    }

    @Test
    void whatTheGatewaysRelyOnWinsOverTheOwnersOptions() throws Exception {
        pod.start();

        awaitServer();

        // the options file says 127.0.0.2 and 8M
        assertThat(pod.query("SELECT @@bind_address, @@innodb_log_file_size, @@skip_name_resolve, @@have_ssl"))
                .isEqualTo("*\t8388608\t1\tYES");
        assertThat(pod.query("SELECT PLUGIN_STATUS FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'unix_socket'"))
                .isNotEqualTo("ACTIVE");
    }

    @Test
    void laterStartsTakeTheServerAlone() throws Exception {
        initialise();
        pod.removeProgram("docker-entrypoint.sh");
        pod.instruct("");
        pod.write("haulout/start/init.sql", "SET GLOBAL max_connections = 77;\n");

        Process server = pod.start();

        awaitServer();
        assertThat(pod.query("SELECT @@max_connections")).isEqualTo("77");
        assertThat(server.info().command()).contains(PodFolder.installedServer().toString());
    }

    @Test
    void theInstructionToInitialiseIsCarriedOutOnce() throws Exception {
        initialise();

        pod.start();

        awaitServer();
        assertThat(pod.log()).doesNotContain("entrypoint:");
    }

    @Test
    void terminationStopsTheServerCleanly() throws Exception {
        Process server = pod.start();
        awaitServer();

        server.destroy();

        assertThat(server.waitFor()).isZero();
        assertThat(pod.log()).contains("Shutdown complete");
    }

    @Test
    void anInterruptedInitialisationIsMadeAnew() throws Exception {
        interruptInitialisation();
        pod.writeOnVolume("left-from-the-first", "");

        pod.start();

        awaitServer();
        assertThat(pod.log()).contains("an initialisation was interrupted");
        assertThat(pod.onVolume("left-from-the-first")).doesNotExist();
        assertThat(pod.onVolume("haulout.initialising")).doesNotExist();
    }

    @Test
    void anInitialisationThatAnotherInstructionBeganIsLeftAlone() throws Exception {
        interruptInitialisation();
        pod.instruct("initialise second");

        assertThat(pod.start().waitFor()).isEqualTo(65);

        assertThat(pod.log()).contains("'first'", "'initialise second'");
        assertThat(pod.onVolume("mysql")).exists();
    }

    @Test
    void anInitialisationThatFailsIsTriedAgain() throws Exception {
        pod.write("docker-entrypoint-initdb.d/accounts.sql", "CREATE NONSENSE;\n");
        assertThat(pod.start().waitFor()).isEqualTo(1);
        assertThat(pod.onVolume("haulout.ready")).doesNotExist();
        pod.write("docker-entrypoint-initdb.d/accounts.sql", "CREATE USER app@'%' IDENTIFIED BY 'secret';\n");

        pod.start();

        awaitServer();
    }

    @Test
    void terminationAlsoEndsTheServerOfAnInitialisation() throws Exception {
        Process script = startInterruptible();
        List<ProcessHandle> others = script.descendants().toList();

        script.destroy();

        assertThat(script.waitFor()).isEqualTo(143);
        assertThat(pod.log()).contains("Shutdown complete");
        assertThat(others).noneMatch(ProcessHandle::isAlive);
    }

    @Test
    void nobodyReachesAServerThatIsBeingInitialised() throws Exception {
        startInterruptible();

        assertThat(pod.query("SELECT 1")).contains("Can't connect");
    }

    @Test
    void anEmptyVolumeIsNotInitialisedUnasked() throws Exception {
        pod.instruct("");

        assertThat(pod.start().waitFor()).isEqualTo(66);

        assertThat(pod.log()).contains("the volume is empty");
        assertThat(pod.path("var/lib/mysql")).isEmptyDirectory();
    }

    @Test
    void aVolumeWithSomethingElseOnItIsLeftAlone() throws Exception {
        pod.writeOnVolume("ibdata1", "precious");

        assertThat(pod.start().waitFor()).isEqualTo(65);

        assertThat(pod.log()).contains("ibdata1");
        assertThat(pod.path("var/lib/mysql")).isDirectoryNotContaining(each -> !each.endsWith("ibdata1"));
        assertThat(pod.onVolume("ibdata1")).hasContent("precious");
    }

    @Test
    void theFileSystemsOwnFolderMakesNoVolumeUsed() throws Exception {
        Files.createDirectory(pod.onVolume("lost+found"));

        pod.start();

        awaitServer();
        assertThat(pod.query("SHOW DATABASES")).doesNotContain("lost+found");
    }

    @Test
    void anOlderVolumeIsUpgradedOnce() throws Exception {
        initialise();
        pod.writeOnVolume("haulout.ready", "10.6.1\n");

        Process server = pod.start();
        awaitServer();
        String first = pod.log();
        stop(server);
        pod.start();
        awaitServer();

        assertThat(first).contains("entrypoint: upgrading, MARIADB_AUTO_UPGRADE=1");
        assertThat(pod.log()).doesNotContain("entrypoint:");
    }

    @Test
    void anUpgradeThatFailsIsTriedAgain() throws Exception {
        initialise();
        pod.writeOnVolume("haulout.ready", "10.6.1\n");
        pod.write("haulout/start/my.cnf", "[mariadbd]\ninnodb-page-size=8k\n"); // not that of the volume

        assertThat(pod.start().waitFor()).isNotZero();

        assertThat(pod.onVolume("haulout.ready")).hasContent("10.6.1");
        assertThat(pod.onVolume("mysql")).exists();
    }

    @Test
    void aVolumeOfANewerSeriesIsRefused() throws Exception {
        initialise();
        pod.writeOnVolume("haulout.ready", "99.1.2\n");

        assertThat(pod.start().waitFor()).isEqualTo(67);

        assertThat(pod.log()).contains("99.1.2", "no way back");
    }

    @Test
    void everyGatewayIsToldAndADeadOneDelaysNothing() throws Exception {
        try (ServerSocket first = listen();
                ServerSocket second = listen();
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket queued = new Socket(silent.getInetAddress(), silent.getLocalPort());
                Socket queuedToo = new Socket(silent.getInetAddress(), silent.getLocalPort())) {
            assertThat(queued.isConnected() && queuedToo.isConnected()).isTrue(); // its queue is full
            pod.gateways("127.0.0.1:1 127.0.0.1:" + silent.getLocalPort() + " 127.0.0.1:" + first.getLocalPort()
                    + " [::ffff:127.0.0.1]:" + second.getLocalPort());

            pod.start();

            assertThat(lineTo(first)).isEqualTo("haulout-announce/1 uid-1 the-token 10.0.0.7");
            assertThat(lineTo(second)).isEqualTo("haulout-announce/1 uid-1 the-token 10.0.0.7");
            awaitServer();
        }
    }

    @Test
    void aMissingCertificateIsSaid() throws Exception {
        Files.delete(pod.path("haulout/tls/tls.key"));

        assertThat(pod.start().waitFor()).isEqualTo(64);

        assertThat(pod.log()).contains("haulout/tls/tls.key is missing");
    }

    @Test
    void rootIsRefused() throws Exception {
        assumeTrue(PodFolder.weAreRoot(), "this test does not run as root");

        assertThat(pod.startAsOurselves().waitFor()).isEqualTo(64);

        assertThat(pod.log()).contains("runAsUser: 999");
    }

    // ---- steps ----

    private static ServerSocket listen() throws Exception {
        ServerSocket listener = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
        listener.setSoTimeout((int) PATIENCE.toMillis());
        return listener;
    }

    private static String lineTo(ServerSocket listener) throws Exception {
        try (Socket socket = listener.accept();
                BufferedReader reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
            return reader.readLine();
        }
    }

    private void awaitServer() {
        await().atMost(PATIENCE)
                .failFast(() -> assertThat(pod.lives()).as(pod::log).isTrue())
                .untilAsserted(
                        () -> assertThat(pod.query("SELECT 1")).as(pod::log).isEqualTo("1"));
    }

    private void initialise() throws Exception {
        Process server = pod.start();
        awaitServer();
        stop(server);
    }

    private static void stop(Process server) throws Exception {
        server.destroy();
        assertThat(server.waitFor()).isZero();
    }

    /** Comes back while the temporary server runs the SQL of the initialisation, which takes ten minutes. */
    private Process startInterruptible() throws Exception {
        pod.write("docker-entrypoint-initdb.d/accounts.sql", INTERRUPTIBLE);
        Process script = pod.start();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(pod.log()).contains("entrypoint: running accounts.sql"));
        return script;
    }

    private void interruptInitialisation() throws Exception {
        PodFolder.kill(startInterruptible());
        pod.write("docker-entrypoint-initdb.d/accounts.sql", "CREATE USER app@'%' IDENTIFIED BY 'secret';\n");
    }
}
