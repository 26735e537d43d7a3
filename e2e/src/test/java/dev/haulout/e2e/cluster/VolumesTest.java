package dev.haulout.e2e.cluster;

import static dev.haulout.e2e.cluster.Subject.PATIENCE;
import static dev.haulout.e2e.cluster.Subject.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What may happen to the volume of an instance, and to what lies on it. */
@Tag("cluster")
@Tag("slow")
class VolumesTest {
    private static final String NAME = "stored";
    private static final String LATE = "haulout-e2e-late";

    private Cluster cluster;
    private Subject stored;

    @BeforeEach
    void cluster() {
        cluster = Cluster.get();
        stored = new Subject(cluster, NAME);
    }

    @AfterEach
    void remove() {
        if (cluster != null) {
            cluster.client()
                    .pods()
                    .inNamespace(Cluster.NAMESPACE)
                    .withName("filler")
                    .withGracePeriod(0)
                    .delete();
            stored.delete();
            cluster.client().storage().v1().storageClasses().withName(LATE).delete();
        }
    }

    @Test
    void aVolumeThatComesLate() {
        stored.apply(cluster.serverImage(), "{class: " + LATE + "}", "");

        stored.awaitReason("VolumePending");
        assertThat(stored.degraded().getMessage()).contains("its volume is not there", "spec.storage.class");
        assertThat(stored.refusal()).contains("its volume is not there");
        provideLateVolumes();

        stored.recovers();
    }

    /** A class like the usual one; where that has no provisioner, it gets one of the usual one's free volumes. */
    private void provideLateVolumes() {
        StorageClass usual = cluster.client()
                .storage()
                .v1()
                .storageClasses()
                .withName(cluster.storageClass())
                .require();
        cluster.client()
                .resource(new StorageClassBuilder(usual)
                        .withNewMetadata()
                        .withName(LATE)
                        .endMetadata()
                        .build())
                .create();
        if (usual.getProvisioner().equals("kubernetes.io/no-provisioner")) {
            PersistentVolume free = cluster.client().persistentVolumes().list().getItems().stream()
                    .filter(volume -> volume.getStatus().getPhase().equals("Available")
                            && cluster.storageClass().equals(volume.getSpec().getStorageClassName()))
                    .findAny()
                    .orElseThrow(() -> new IllegalStateException(
                            "no volume of class " + cluster.storageClass() + " is free: make some"));
            cluster.client()
                    .persistentVolumes()
                    .withName(free.getMetadata().getName())
                    .edit(volume -> {
                        volume.getSpec().setStorageClassName(LATE);
                        return volume;
                    });
        }
    }

    @Test
    void aVolumeThatIsFull() {
        String sized = System.getProperty("haulout.storage.sized");
        assumeTrue(
                sized != null,
                "volumes of many classes are larger than was asked for: name one whose aren't by"
                        + " -Dhaulout.storage.sized");
        stored.apply(cluster.serverImage(), "{size: 400Mi, class: " + sized + "}", "");
        stored.awaitAsleep();
        onVolume("cat /dev/zero > /volume/haulout.filler; ls -l /volume/haulout.filler");

        assertThat(stored.refusal()).contains("the volume is full", "spec.storage.size");
        stored.awaitReason("DiskFull");
        onVolume("rm /volume/haulout.filler");

        stored.recovers();
    }

    /** Runs a line of bash beside the server, or while there is none. */
    private void onVolume(String line) {
        Pod pod = (Pod) cluster.applyAll("""
                apiVersion: v1
                kind: Pod
                metadata: {name: filler}
                spec:
                  restartPolicy: Never
                  automountServiceAccountToken: false
                  securityContext: {runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
                  containers:
                  - name: filler
                    image: %s
                    command: [bash, -c, '%s']
                    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                    volumeMounts: [{name: volume, mountPath: /volume}]
                  volumes:
                  - {name: volume, persistentVolumeClaim: {claimName: %s-data}}
                """.formatted(cluster.serverImage(), line, NAME))
                .getFirst();
        await(line)
                .atMost(PATIENCE)
                .until(() -> cluster.client().resource(pod).get().getStatus().getPhase(), "Succeeded"::equals);
        cluster.client()
                .resource(pod)
                .withTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .delete();
    }

    @Test
    void aNewerSeriesUpgradesItOnceAndThereIsNoWayBack() throws SQLException {
        String newer = System.getProperty("haulout.mariadb.newer");
        assumeTrue(newer != null, "name an image of a newer series by -Dhaulout.mariadb.newer");
        stored.apply("");
        stored.awaitAsleep();
        try (Connection connection = stored.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE kept (a INT)");
            statement.execute("INSERT INTO kept VALUES (42)");
            String before = stored.current().getStatus().serverVersion();
            stored.awaitAsleep();

            stored.apply(newer, "");

            assertThat(answer(connection, "SELECT a FROM kept")).isEqualTo("42");
            stored.awaitAwake();
            assertThat(stored.current().getStatus().serverVersion()).isNotEqualTo(before);
        }
        stored.awaitAsleep();
        stored.apply("");
        assertThat(stored.refusal()).contains("there is no way back to an older series");
        stored.awaitReason("CrashLoop");
        stored.apply(newer, "");
        stored.recovers();
    }
}
