package dev.haulout.e2e.bench;

import dev.haulout.e2e.cluster.Cluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** What one would run without Haulout: a StatefulSet, started by the official entrypoint, and a Service. */
final class PlainStatefulSet {
    private static final String NAME = "plain";
    private static final String PASSWORD = "plain-password";
    private static final String MANIFEST = """
            apiVersion: v1
            kind: Service
            metadata: {name: plain}
            spec:
              selector: {app: plain}
              ports: [{port: 3306}]
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: plain}
            spec:
              replicas: 1
              serviceName: plain
              selector: {matchLabels: {app: plain}}
              template:
                metadata: {labels: {app: plain}}
                spec:
                  securityContext: {runAsNonRoot: true, runAsUser: 999, runAsGroup: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
                  enableServiceLinks: false
                  containers:
                    - name: mariadb
                      image: %s
                      imagePullPolicy: IfNotPresent
                      command: [docker-entrypoint.sh, mariadbd]
                      args: [--skip-ssl]
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                      env:
                        - {name: MARIADB_ROOT_PASSWORD, value: plain-password}
                        - {name: MARIADB_DATABASE, value: app}
                        - {name: MARIADB_USER, value: app}
                        - {name: MARIADB_PASSWORD, value: plain-password}
                      ports: [{containerPort: 3306}]
                      readinessProbe: {tcpSocket: {port: 3306}, periodSeconds: 1}
                      volumeMounts: [{name: data, mountPath: /var/lib/mysql}]
              volumeClaimTemplates:
                - metadata: {name: data}
                  spec:
                    accessModes: [ReadWriteOnce]
                    storageClassName: "%s"
                    resources: {requests: {storage: 1Gi}}
            """;

    private final Cluster cluster;
    private List<HasMetadata> objects = List.of();

    PlainStatefulSet(Cluster cluster) {
        this.cluster = cluster;
    }

    void create() {
        objects = cluster.applyAll(MANIFEST.formatted(cluster.serverImage(), cluster.storageClass()));
    }

    void scale(int replicas) {
        cluster.client()
                .apps()
                .statefulSets()
                .inNamespace(Cluster.NAMESPACE)
                .withName(NAME)
                .scale(replicas);
        if (replicas == 0) {
            cluster.awaitNoPods("app", NAME);
        }
    }

    /** From the call that scales it up to the row. */
    Duration wake(String sql, String row) throws IOException, InterruptedException {
        long began = System.nanoTime();
        scale(1);
        String got = ask(sql, Duration.ofMinutes(1));
        Duration taken = Duration.ofNanos(System.nanoTime() - began);
        if (!row.equals(got)) {
            throw new IOException("a wrong row came: " + got);
        }
        return taken;
    }

    /** Asks through the Service, again and again until it answers; empty where there are no rows. */
    String ask(String sql, Duration patience) throws IOException, InterruptedException {
        InetSocketAddress service = new InetSocketAddress(cluster.address(NAME), 3306);
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            try (RawClient client = RawClient.connect(service)) {
                client.login("app", PASSWORD, "app");
                if (sql.startsWith("SELECT")) {
                    return client.query(sql);
                }
                client.execute(sql);
                return "";
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(2);
            }
        }
    }

    void remove() {
        objects.forEach(object -> cluster.client().resource(object).delete());
    }
}
