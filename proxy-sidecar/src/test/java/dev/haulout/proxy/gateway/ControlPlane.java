package dev.haulout.proxy.gateway;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A real API server with a real etcd and nothing else: no controller, no scheduler, no node. Made of the programs in the
 * folder that the environment variable {@value #FOLDER} names; without it tests are skipped.
 */
final class ControlPlane implements AutoCloseable {
    static final String FOLDER = "HAULOUT_CONTROL_PLANE";

    private static final Duration START_LIMIT = Duration.ofSeconds(120);
    private static final String TOKEN = "a-token-of-this-test-only";

    private final Path programs;
    private final Path home;
    private final int etcdPort = freePort();
    private final int apiPort = freePort();
    private Process etcd;
    private Process api;

    private ControlPlane(Path programs, Path home) {
        this.programs = programs;
        this.home = home;
    }

    /** Starts both, or has the test skipped. */
    static ControlPlane start() throws Exception {
        Optional<Path> programs = Optional.ofNullable(System.getenv(FOLDER)).map(Path::of);
        boolean there = programs.isPresent()
                && Files.isExecutable(programs.get().resolve("etcd"))
                && Files.isExecutable(programs.get().resolve("kube-apiserver"));
        if (!there) {
            System.out.println("skipped: " + FOLDER + " names no folder with etcd and kube-apiserver");
        }
        Assumptions.assumeTrue(there, FOLDER + " names no folder with etcd and kube-apiserver");
        ControlPlane plane = new ControlPlane(programs.get(), Files.createTempDirectory("haulout-plane"));
        try {
            plane.startEtcd();
            plane.prepareApi();
            plane.startApi();
            plane.apply("/META-INF/fabric8/mariadbinstances.haulout.dev-v1.yml");
            return plane;
        } catch (Exception | Error e) {
            plane.close();
            throw e;
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void startEtcd() throws IOException {
        String clients = "http://127.0.0.1:" + etcdPort;
        String peers = "http://127.0.0.1:" + freePort();
        etcd = run(
                "etcd",
                "--data-dir=" + home.resolve("etcd"),
                "--unsafe-no-fsync",
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers);
    }

    private void prepareApi() throws IOException, NoSuchAlgorithmException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        pem("sa.key", "PRIVATE KEY", keys.getPrivate().getEncoded());
        pem("sa.pub", "PUBLIC KEY", keys.getPublic().getEncoded());
        Files.writeString(home.resolve("tokens.csv"), TOKEN + ",test,test,\"system:masters\"\n");
    }

    private void pem(String file, String kind, byte[] content) throws IOException {
        Files.writeString(
                home.resolve(file),
                "-----BEGIN " + kind + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + kind
                        + "-----\n");
    }

    /** Starts the API server, as it was before if it was stopped. Returns once it answers. */
    void startApi() throws IOException {
        api = run(
                "kube-apiserver",
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--secure-port=" + apiPort,
                "--cert-dir=" + home.resolve("certs"),
                "--service-cluster-ip-range=10.211.0.0/16",
                "--service-account-issuer=https://test.invalid",
                "--service-account-key-file=" + home.resolve("sa.pub"),
                "--service-account-signing-key-file=" + home.resolve("sa.key"),
                "--token-auth-file=" + home.resolve("tokens.csv"),
                "--authorization-mode=RBAC",
                "--disable-admission-plugins=ServiceAccount");
        try (KubernetesClient client = client()) {
            await().atMost(START_LIMIT)
                    .pollInterval(Duration.ofMillis(200))
                    .ignoreExceptions()
                    .until(() -> "ok".equals(client.raw("/readyz")));
            await().atMost(START_LIMIT)
                    .ignoreExceptions()
                    .until(() -> client.namespaces().withName("default").get() != null);
        }
    }

    /** Ends the API server; what it knew is kept. */
    void stopApi() throws InterruptedException {
        end(api);
    }

    private Process run(String program, String... options) throws IOException {
        List<String> command =
                new java.util.ArrayList<>(List.of(programs.resolve(program).toString()));
        command.addAll(List.of(options));
        return new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve(program + ".log").toFile()))
                .start();
    }

    private void apply(String resource) throws IOException {
        try (KubernetesClient client = client();
                InputStream file = ControlPlane.class.getResourceAsStream(resource)) {
            client.load(file).serverSideApply();
            await().atMost(START_LIMIT)
                    .ignoreExceptions()
                    .until(() -> client.genericKubernetesResources("haulout.dev/v1alpha1", "MariaDBInstance")
                                    .inAnyNamespace()
                                    .list()
                            != null);
        }
    }

    /** A client that may do everything. */
    KubernetesClient client() {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + apiPort)
                .withTrustCerts(true)
                .withOauthToken(TOKEN)
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(5_000)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** A file by which another process gets the same. */
    Path kubeconfig(Path folder) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                current-context: test
                clusters:
                - {name: test, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}
                users:
                - {name: test, user: {token: %s}}
                contexts:
                - {name: test, context: {cluster: test, user: test}}
                """.formatted(apiPort, TOKEN));
    }

    @Override
    public void close() throws InterruptedException, IOException {
        end(api);
        end(etcd);
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static void end(Process process) throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
