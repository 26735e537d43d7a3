package dev.haulout.operator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A real API server with the CRDs and nothing else: no scheduler, no kubelet, no controllers. Its programs, {@code etcd}
 * and {@code kube-apiserver}, are those in the folder that the property or environment variable
 * {@value #FOLDER} names; without it, tests that need it are skipped.
 */
public final class ControlPlane implements AutoCloseable {
    static final String FOLDER = "HAULOUT_CONTROL_PLANE";

    private static final String TOKEN = "test-of-haulout";

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private Config config;

    private ControlPlane(Path folder) {
        this.folder = folder;
    }

    /** Starts one, or skips the test and says why. */
    public static ControlPlane start() throws IOException {
        String told = System.getProperty(FOLDER, System.getenv(FOLDER));
        boolean there = told != null
                && Files.isExecutable(Path.of(told, "etcd"))
                && Files.isExecutable(Path.of(told, "kube-apiserver"));
        if (!there) {
            System.out.println("skipped: " + FOLDER + " names no folder with etcd and kube-apiserver");
        }
        assumeTrue(there, FOLDER + " names no folder with etcd and kube-apiserver");
        ControlPlane plane = new ControlPlane(Files.createTempDirectory("haulout-api"));
        boolean up = false;
        try {
            plane.run(Path.of(told));
            up = true;
        } finally {
            if (!up) {
                plane.close();
            }
        }
        return plane;
    }

    private void run(Path programs) throws IOException {
        int etcd = freePort();
        int peer = freePort();
        int api = freePort();
        String etcdUrl = "http://127.0.0.1:" + etcd;
        run(
                "etcd",
                programs.resolve("etcd").toString(),
                "--data-dir=" + folder.resolve("etcd"),
                "--unsafe-no-fsync",
                "--listen-client-urls=" + etcdUrl,
                "--advertise-client-urls=" + etcdUrl,
                "--listen-peer-urls=http://127.0.0.1:" + peer,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peer,
                "--initial-cluster=default=http://127.0.0.1:" + peer);
        Files.writeString(folder.resolve("tokens.csv"), TOKEN + ",admin,admin,system:masters\n");
        Files.writeString(folder.resolve("account.key"), privateKey());
        run(
                "kube-apiserver",
                programs.resolve("kube-apiserver").toString(),
                "--etcd-servers=" + etcdUrl,
                "--secure-port=" + api,
                "--bind-address=127.0.0.1",
                "--cert-dir=" + folder.resolve("certificates"),
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--authorization-mode=RBAC",
                "--service-cluster-ip-range=10.99.0.0/16",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + folder.resolve("account.key"),
                "--service-account-signing-key-file=" + folder.resolve("account.key"),
                "--disable-admission-plugins=ServiceAccount");
        config = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + api)
                .withOauthToken(TOKEN)
                .withTrustCerts(true)
                .withDisableHostnameVerification(true)
                .build();
        try (KubernetesClient client = client()) {
            Awaitility.await("the API server's readiness")
                    .atMost(Duration.ofSeconds(90))
                    .ignoreExceptions()
                    .until(() -> "ok".equals(client.raw("/readyz")));
            try (Stream<Path> crds = Files.list(Path.of("..", "crds"))) {
                for (Path crd :
                        crds.filter(file -> file.toString().endsWith(".yml")).toList()) {
                    try (InputStream text = Files.newInputStream(crd)) {
                        var unused = client.load(text).create();
                    }
                }
            }
            Awaitility.await("the CRDs")
                    .atMost(Duration.ofSeconds(30))
                    .ignoreExceptions()
                    .until(() -> client.raw("/apis/haulout.dev/v1alpha1/mariadbinstances") != null);
        }
    }

    private void run(String name, String... command) throws IOException {
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start());
    }

    /** A client that may do anything. */
    public KubernetesClient client() {
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static String privateKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder()
                            .encodeToString(
                                    generator.generateKeyPair().getPrivate().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        for (Process process : processes.reversed()) {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
