package dev.haulout.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.proxy.backend.Authority;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway, as a process of its own, with a thousand sleeping instances at a real API server. */
@Tag("cluster")
@Tag("slow")
class ThousandInstancesTest {
    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int INSTANCES = 1000;
    private static final int FIRST_PORT = 10_000;
    private static final int MOST_MEGABYTES = 300;

    @TempDir
    private Path folder;

    @Test
    void theyFitIntoItsMemory() throws Exception {
        try (ControlPlane plane = ControlPlane.start();
                KubernetesClient client = plane.client()) {
            Operator operator = new Operator(client);
            operator.makeNamespace(Operator.NAMESPACE);
            operator.makeNamespace("shop");
            create(operator);
            int http = freePort();

            long began = System.nanoTime();
            Process gateway = gateway(plane.kubeconfig(folder), http);
            try {
                await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(() -> isReady(http));
                long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
                int resident = megabytes(gateway);
                List<Long> before = versions(client);
                TimeUnit.SECONDS.sleep(10); // that nothing is written in this time can't be awaited otherwise
                int later = megabytes(gateway);

                System.out.println(INSTANCES + " doors open after " + millis + " ms; the gateway's resident memory is "
                        + resident + " MB, and 10 s later " + later + " MB");
                assertThat(versions(client)).isEqualTo(before);
                assertThat(later).isLessThan(MOST_MEGABYTES);
            } finally {
                gateway.destroy();
                gateway.waitFor(30, TimeUnit.SECONDS);
            }
        }
    }

    private static void create(Operator operator) throws InterruptedException {
        Semaphore atOnce = new Semaphore(16);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < INSTANCES; i++) {
                int number = i;
                atOnce.acquire();
                threads.submit(() -> {
                    try {
                        MariaDBInstance instance = operator.create("shop", "db" + number, "database: shop, user: app");
                        operator.learn(instance);
                        operator.say(
                                instance, "\"phase\":\"Asleep\",\"door\":{\"port\":" + (FIRST_PORT + number) + "}");
                    } finally {
                        atOnce.release();
                    }
                    return null;
                });
            }
        }
    }

    private static List<Long> versions(KubernetesClient client) {
        return client.resources(MariaDBInstance.class).inNamespace("shop").list().getItems().stream()
                .map(instance -> Long.parseLong(instance.getMetadata().getResourceVersion()))
                .toList();
    }

    private Process gateway(Path kubeconfig, int http) throws IOException {
        Authority authority = new Authority();
        Authority.Issued ours = authority.forClient("haulout-gateway");
        Files.write(folder.resolve("ca.crt"), authority.certificate());
        Files.write(folder.resolve("tls.crt"), ours.certificate());
        Files.write(folder.resolve("tls.key"), ours.key());
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-XX:+UseSerialGC",
                "-Xmx160m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dio.netty.allocator.type=pooled",
                "dev.haulout.proxy.cli.Main",
                "gateway",
                "--namespace=" + Operator.NAMESPACE,
                "--pod=gateway-1",
                "--pod-ip=127.0.0.1",
                "--namespaces=shop",
                "--tls=" + folder,
                "--announce-port=" + freePort(),
                "--http-port=" + http);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        return builder.inheritIO().start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean isReady(int port) throws InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int megabytes(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }
}
