package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodReaderTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static PodView read(String status) {
        return read("{uid: u}", status, null);
    }

    private static PodView read(String metadata, String status, PersistentVolumeClaim claim) {
        Pod pod = Serialization.unmarshal(
                "---\n{metadata: " + metadata + ", spec: {nodeName: node-a}, status: " + status + "}", Pod.class);
        return new PodReader(NOON).read(pod, claim);
    }

    private static String waiting(String reason, String more) {
        return "{phase: Pending, containerStatuses: [{name: mariadb, image: 'x:1', restartCount: 2, state: {waiting: {reason: "
                + reason + ", message: m}}" + more + "}]}";
    }

    private static FailureReason reason(PodView view) {
        return ((PodView.Starting) view).trouble().orElseThrow().reason();
    }

    @Test
    void noPodIsAbsent() {
        assertThat(new PodReader(NOON).read(null, null)).isEqualTo(new PodView.Absent());
    }

    @Test
    void aRunningContainerTellsItsIncarnation() {
        assertThat(read("{phase: Running, podIP: 10.0.0.1, containerStatuses: [{name: mariadb, restartCount: 3, state:"
                        + " {running: {}}}]}"))
                .isEqualTo(new PodView.Running(new PodView.Incarnation("u", 3), Optional.of("10.0.0.1")));
    }

    @Test
    void anEndWithoutErrorIsFinal() {
        assertThat(read("{phase: Running, containerStatuses: [{name: mariadb, state: {terminated: {exitCode: 0}}}]}"))
                .isEqualTo(new PodView.Ended("u", Optional.empty()));
    }

    @Test
    void anEndWithAnErrorIsNot() {
        assertThat(read("{phase: Running, containerStatuses: [{name: mariadb, state: {terminated: {exitCode: 1}}}]}"))
                .isEqualTo(new PodView.Starting("u", true, Optional.empty()));
    }

    @Test
    void aSecondEndAfterAShortRunIsACrashLoop() {
        String end =
                "exitCode: 1, startedAt: '2026-01-01T11:59:00Z', finishedAt: '%s', message: \"2026-11-21  4:34:36 0"
                        + " [ERROR] mariadbd: unknown variable 'x=1'\\n2026-11-21  4:34:36 0 [ERROR] Aborting\"";
        String pod = "{phase: Running, containerStatuses: [{name: mariadb, restartCount: 1, state: {terminated: {" + end
                + "}}}]}";

        Trouble soon = ((PodView.Starting) read(pod.formatted("2026-01-01T11:59:01Z")))
                .trouble()
                .orElseThrow();
        Trouble late = ((PodView.Starting) read(pod.formatted("2026-01-01T12:00:00Z")))
                .trouble()
                .orElseThrow();

        assertThat(soon.hopeless()).isTrue();
        assertThat(soon.message().lines().findFirst())
                .contains("the server ended with status 1: mariadbd: unknown variable 'x=1'; correct spec.myCnf");
        assertThat(soon.message()).contains("Its last lines:", "Aborting");
        assertThat(late.hopeless()).isFalse();
    }

    @Test
    void anEvictedPodHasEnded() {
        assertThat(read("{phase: Failed, reason: Evicted, message: low on memory}"))
                .isInstanceOfSatisfying(
                        PodView.Ended.class,
                        ended -> assertThat(ended.trouble().orElseThrow().reason())
                                .isEqualTo(FailureReason.EVICTED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "OS errno 28 - No space left on device",
                "[ERROR] InnoDB: preallocating 12582912 bytes for file ./ibtmp1 failed with error 28",
                "mysqld: Error writing file (Errcode: 28 \"No space left on device\")",
                "InnoDB: Operating system error number 28 in a file operation."
            })
    void aFullVolumeIsRecognisedWhoeverTellsOfIt(String said) {
        assertThat(reason(read(waiting(
                        "CrashLoopBackOff", ", lastState: {terminated: {exitCode: 1, message: '" + said + "'}}"))))
                .isEqualTo(FailureReason.DISK_FULL);
    }

    @Test
    void anotherNumberIsNoFullVolume() {
        assertThat(reason(read(waiting(
                        "CrashLoopBackOff",
                        ", lastState: {terminated: {exitCode: 1, message: 'failed with error 280'}}"))))
                .isEqualTo(FailureReason.CRASH_LOOP);
    }

    @Test
    void eachReasonToWaitIsItsOwn() {
        assertThat(reason(read(waiting("ImagePullBackOff", "")))).isEqualTo(FailureReason.IMAGE_PULL);
        assertThat(reason(read(waiting("CreateContainerConfigError", "")))).isEqualTo(FailureReason.SECRET_MISSING);
        assertThat(reason(read(waiting("CrashLoopBackOff", "")))).isEqualTo(FailureReason.CRASH_LOOP);
        assertThat(read(waiting("ContainerCreating", ""))).isEqualTo(new PodView.Starting("u", true, Optional.empty()));
    }

    @Test
    void lackOfMemoryIsToldWithItsRemedy() {
        PodView view =
                read(waiting("CrashLoopBackOff", ", lastState: {terminated: {exitCode: 137, reason: OOMKilled}}"));

        assertThat(((PodView.Starting) view).trouble().orElseThrow().message())
                .contains("spec.resources.limits.memory");
    }

    @Test
    void aPodWithoutNodeSaysWhetherItsVolumeIsToBlame() {
        String status = "{phase: Pending, conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable,"
                + " message: 'pod has unbound immediate PersistentVolumeClaims'}]}";
        PersistentVolumeClaim bound =
                Serialization.unmarshal("---\n{status: {phase: Bound}}", PersistentVolumeClaim.class);

        assertThat(reason(read("{uid: u}", status, null))).isEqualTo(FailureReason.VOLUME_PENDING);
        assertThat(reason(read("{uid: u}", status, bound))).isEqualTo(FailureReason.UNSCHEDULABLE);
    }

    @Test
    void aDeletedPodThatStaysIsOfALostNode() {
        assertThat(read("{uid: u, deletionTimestamp: '2026-01-01T11:59:50Z'}", "{}", null))
                .isEqualTo(new PodView.Leaving("u", Optional.empty()));
        assertThat(read("{uid: u, deletionTimestamp: '2026-01-01T11:59:00Z'}", "{}", null))
                .isInstanceOfSatisfying(
                        PodView.Leaving.class,
                        leaving -> assertThat(leaving.trouble().orElseThrow().reason())
                                .isEqualTo(FailureReason.NODE_UNREACHABLE));
    }
}
