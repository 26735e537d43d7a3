package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Drain;
import dev.haulout.crd.MariaDBInstanceStatus.LastWake;
import dev.haulout.crd.MariaDBInstanceStatus.NextEvent;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.wake.DueEvent;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The operator on a real API server, where the tests play kubelet, gateways and server. */
@Tag("cluster")
class FlowTest {
    private static final String MANIFEST = """
            apiVersion: haulout.dev/v1alpha1
            kind: MariaDBInstance
            metadata: {name: %s}
            spec: {database: shop, user: shop, storage: {size: 1Gi}%s}
            """;

    private static Cluster cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = Cluster.start();
        cluster.gateway("gw-a", "10.1.0.1");
        cluster.gateway("gw-b", "10.1.0.2");
        cluster.startOperator();
    }

    @AfterAll
    static void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void usualServers() {
        cluster.servers.answers = true;
        cluster.servers.busy = Optional.empty();
        cluster.servers.nextEvent = Optional.empty();
        cluster.servers.changedGlobals = Map.of();
        cluster.servers.asked.clear();
    }

    private static void create(String name, String more) {
        cluster.apply(MANIFEST.formatted(name, more));
    }

    private static void sleeping(String name) {
        create(name, ", initialise: OnFirstWake");
        cluster.await(name, name + " asleep", status -> status.phase() == Phase.ASLEEP && status.door() != null);
    }

    private static MariaDBInstanceStatus awake(String name) {
        sleeping(name);
        cluster.demand(name, "d1");
        cluster.run(name);
        return cluster.await(name, name + " awake", status -> status.phase() == Phase.AWAKE);
    }

    private static void holds(String name, String gateway, long epoch) {
        cluster.report(name, gateway, "{\"epoch\": " + epoch + ", \"held\": true}");
    }

    private static void proposed(String name, long epoch) {
        for (String gateway : List.of("gw-a", "gw-b")) {
            cluster.report(name, gateway, "{\"proposes\": " + epoch + "}");
        }
        cluster.await(
                name,
                "a drain",
                status -> status.drain() != null
                        && status.drain().epoch() == epoch
                        && status.drain().state() == Drain.State.REQUESTED);
    }

    @Test
    void aNewInstanceIsInitialisedAndThenSleeps() {
        create("first", "");
        cluster.await("first", "its initialisation", status -> status.phase() == Phase.INITIALISING);

        cluster.run("first");
        cluster.await("first", "a drain", status -> status.drain() != null);
        holds("first", "gw-a", 1);
        holds("first", "gw-b", 1);
        Awaitility.await("SHUTDOWN")
                .atMost(Duration.ofMinutes(1))
                .until(() -> cluster.servers.asked.contains("shutdown"));
        cluster.end("first");
        MariaDBInstanceStatus asleep = cluster.await("first", "sleep", status -> status.phase() == Phase.ASLEEP);

        assertThat(cluster.pod("first")).isNull();
        assertThat(asleep.initialised()).isTrue();
        assertThat(asleep.drain()).isEqualTo(new Drain(1L, Drain.State.DONE));
        assertThat(asleep.replicas()).isZero();
        assertThat(asleep.pod()).isNull();
        assertThat(condition(asleep, "Asleep")).isEqualTo("True");
        assertThat(condition(asleep, "Ready")).isEqualTo("True");
    }

    @Test
    void aDemandWakesAndIsMet() {
        MariaDBInstanceStatus awake = awake("woken");

        assertThat(awake.served()).isEqualTo("d1");
        assertThat(awake.awakeBecause()).isEqualTo("app runs SELECT");
        assertThat(awake.lastWake().outcome()).isEqualTo(LastWake.Outcome.OK);
        assertThat(awake.lastWake().phases()).containsKeys("created", "running", "answers");
        assertThat(awake.pod().trusts()).containsExactly("gw-a", "gw-b");
        assertThat(awake.serverVersion()).isEqualTo("11.8.3-MariaDB");
        assertThat(awake.replicas()).isOne();
    }

    @Test
    void aWindowWakesItAtItsStartAndItSleepsAfterItsEnd() {
        sleeping("early");
        ZonedDateTime start = cluster.now()
                .atZone(ZoneOffset.UTC)
                .truncatedTo(ChronoUnit.MINUTES)
                .plusMinutes(1);
        advanceTo(start.toInstant().minusSeconds(3));
        cluster.patchSpec("early", """
                {"sleep": {"keepAwake": [{"start": "%d %d * * *", "duration": "1m"}]}}""".formatted(start.getMinute(), start.getHour()));

        cluster.run("early");
        MariaDBInstanceStatus awake = cluster.await("early", "the window", status -> status.phase() == Phase.AWAKE);
        assertThat(cluster.now()).isAfterOrEqualTo(start.toInstant());
        assertThat(awake.awakeBecause()).startsWith("spec.sleep.keepAwake until ");
        advanceTo(start.toInstant().plusSeconds(57));
        for (String gateway : List.of("gw-a", "gw-b")) {
            cluster.report("early", gateway, "{\"proposes\": 1}");
        }
        cluster.await("early", "the drain at its end", status -> status.drain() != null);

        assertThat(cluster.now()).isAfterOrEqualTo(start.toInstant().plusSeconds(60));
    }

    @Test
    void anEventWakesItInTimeAndItSleepsAgainAfterwards() {
        Instant due = cluster.now().plus(Duration.ofHours(2)).truncatedTo(ChronoUnit.SECONDS);
        awake("timed");
        cluster.servers.nextEvent = Optional.of(new DueEvent("shop.cleanup", due));
        proposed("timed", 1);
        fallAsleep("timed", 1);
        assertThat(cluster.instance("timed").getStatus().nextEvent())
                .isEqualTo(new NextEvent("shop.cleanup", due.toString()));
        advanceTo(due.minusSeconds(20));

        look("timed");
        cluster.run("timed");
        MariaDBInstanceStatus awake = cluster.await("timed", "the wake", status -> status.phase() == Phase.AWAKE);
        assertThat(cluster.now()).isBefore(due.plusSeconds(5));
        assertThat(awake.awakeBecause()).isEqualTo("event shop.cleanup is due at " + due);
        assertThat(awake.lastWake().why()).isEqualTo(awake.awakeBecause());
        cluster.servers.nextEvent = Optional.empty();
        advanceTo(due.plus(Duration.ofMinutes(5)).minusSeconds(3));
        for (String gateway : List.of("gw-a", "gw-b")) {
            cluster.report("timed", gateway, "{\"proposes\": 2}");
        }
        cluster.await("timed", "the drain after it", status -> status.drain().epoch() == 2);

        assertThat(cluster.now()).isAfterOrEqualTo(due.plus(Duration.ofMinutes(5)));
        assertThat(cluster.instance("timed").getStatus().nextEvent()).isNull();
    }

    @Test
    void anEventThatIsNearKeepsItAwake() {
        awake("busy-timed");
        Instant due = cluster.now().plusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
        cluster.servers.nextEvent = Optional.of(new DueEvent("shop.tick", due));
        proposed("busy-timed", 1);
        holds("busy-timed", "gw-a", 1);
        holds("busy-timed", "gw-b", 1);

        MariaDBInstanceStatus status =
                cluster.await("busy-timed", "cancellation", now -> now.drain().state() == Drain.State.CANCELLED);

        assertThat(status.awakeBecause()).isEqualTo("event shop.tick is due at " + due);
        assertThat(status.nextEvent()).isEqualTo(new NextEvent("shop.tick", due.toString()));
    }

    /** Has the operator look at it, by a change that matters to nobody. */
    private static void look(String name) {
        cluster.patchSpec(name, "{\"sleep\": {\"pinLimit\": \"2h\"}}");
    }

    private static void advanceTo(Instant time) {
        Duration by = Duration.between(Instant.now(), time);
        cluster.advanceClock(by);
    }

    @Test
    void aSleeperWhoseOptionsChangeIsStartedOnceToLearnWhatItGreetsWith() {
        awake("relearnt");
        proposed("relearnt", 1);
        fallAsleep("relearnt", 1);

        cluster.patchSpec("relearnt", "{\"pod\": {\"labels\": {\"team\": \"web\"}}}");
        cluster.patchSpec("relearnt", "{\"myCnf\": \"max_allowed_packet = 3M\"}");
        cluster.run("relearnt");
        MariaDBInstanceStatus again = cluster.await("relearnt", "wake", status -> status.phase() == Phase.AWAKE);
        proposed("relearnt", 2);
        fallAsleep("relearnt", 2);

        assertThat(again.awakeBecause()).contains("greets with");
        assertThat(again.served()).isEqualTo("d1");
        Awaitility.await()
                .during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(5))
                .until(() -> cluster.pod("relearnt") == null);
    }

    private static void fallAsleep(String name, long epoch) {
        cluster.servers.asked.clear();
        holds(name, "gw-a", epoch);
        holds(name, "gw-b", epoch);
        Awaitility.await("SHUTDOWN")
                .atMost(Duration.ofMinutes(1))
                .until(() -> cluster.servers.asked.contains("shutdown"));
        cluster.end(name);
        cluster.await(name, "sleep", status -> status.phase() == Phase.ASLEEP);
    }

    @Test
    void aServerIsStartedAgainBeforeItsCertificateEnds() {
        awake("lasting");
        assertThat(certificate(cluster.pod("lasting"))).isEqualTo("lasting-tls");
        advanceTo(cluster.now().plus(Duration.ofDays(250)));
        cluster.patchSpec("lasting", "{\"sleep\": {\"after\": \"6m\"}}");
        Awaitility.await("the next one")
                .atMost(Duration.ofMinutes(1))
                .until(() -> cluster.client
                                .secrets()
                                .inNamespace(Cluster.NAMESPACE)
                                .withName("lasting-tls-2")
                                .get()
                        != null);
        assertThat(cluster.instance("lasting").getStatus().drain()).isNull();

        advanceTo(cluster.now().plus(Duration.ofDays(60)));
        cluster.patchSpec("lasting", "{\"sleep\": {\"after\": \"7m\"}}");
        cluster.await("lasting", "a drain that nobody proposed", status -> status.drain() != null);
        fallAsleep("lasting", 1);
        cluster.demand("lasting", "d2");

        assertThat(certificate(cluster.awaitPod("lasting"))).isEqualTo("lasting-tls-2");
    }

    private static String certificate(Pod pod) {
        return pod.getSpec().getVolumes().stream()
                .filter(volume -> volume.getProjected() != null)
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .filter(source -> source.getSecret() != null)
                .map(source -> source.getSecret().getName())
                .filter(name -> name.contains("-tls"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void itsPodHasWhatItsOwnerAddsToIt() {
        sleeping("dressed");
        cluster.patchSpec("dressed", """
                {"pod": {"labels": {"team": "web"}, "nodeSelector": {"disk": "fast"},
                 "affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1,
                  "preference": {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}}]}},
                 "securityContext": {"runAsUser": 1001}}}""");
        cluster.demand("dressed", "d1");

        Pod pod = cluster.awaitPod("dressed");

        assertThat(pod.getMetadata().getLabels()).containsEntry("team", "web");
        assertThat(pod.getSpec().getNodeSelector()).containsEntry("disk", "fast");
        assertThat(pod.getSpec().getSecurityContext().getRunAsUser()).isEqualTo(1001);
        assertThat(pod.getSpec().getAffinity().getNodeAffinity().getPreferredDuringSchedulingIgnoredDuringExecution())
                .hasSize(1);
    }

    @Test
    void aVolumeGrowsWhereItsClassAllowsIt() {
        cluster.storageClass("elastic", true);
        bound("grown", "elastic");

        cluster.patchSpec("grown", "{\"storage\": {\"size\": \"2Gi\"}}");

        MariaDBInstanceStatus status = cluster.await(
                "grown",
                "the growth",
                now -> now.conditions() != null && now.conditions().size() == 5);
        assertThat(status.conditions().getLast().getType()).isEqualTo("VolumeResizing");
        assertThat(status.conditions().getLast().getMessage()).isEqualTo("the volume grows from 1Gi to 2Gi");
        assertThat(condition(status, "Degraded")).isEqualTo("False");
        cluster.capacity("grown", "2Gi");
        cluster.await("grown", "its end", now -> now.conditions().size() == 4);
    }

    @Test
    void aVolumeThatCantGrowIsReportedAndServesAsBefore() {
        cluster.storageClass("rigid", false);
        bound("rigid", "rigid");

        cluster.patchSpec("rigid", "{\"storage\": {\"size\": \"2Gi\"}}");

        MariaDBInstanceStatus status = cluster.await(
                "rigid", "the refusal", now -> reason(now, "Degraded").equals("ResizeRefused"));
        assertThat(status.conditions().getLast().getMessage())
                .contains(
                        "rigid-data stays at 1Gi and does not grow to 2Gi",
                        "allowVolumeExpansion: true in StorageClass rigid");
        cluster.demand("rigid", "d1");
        cluster.run("rigid");
        cluster.await(
                "rigid",
                "rigid awake",
                now -> now.phase() == Phase.AWAKE && reason(now, "Degraded").equals("ResizeRefused"));
        Awaitility.await("the Event of the wake")
                .atMost(Duration.ofMinutes(1))
                .until(() -> events("rigid").anyMatch(event -> event.getReason().equals("Woke")));
        assertThat(events("rigid").filter(event -> event.getReason().equals("ResizeRefused")))
                .hasSize(1);
    }

    /** It sleeps, and its claim is bound to a volume of that class. */
    private static void bound(String name, String storageClass) {
        cluster.apply(MANIFEST.formatted(name, ", initialise: OnFirstWake")
                .replace("size: 1Gi", "size: 1Gi, class: " + storageClass));
        cluster.await(name, name + " asleep", status -> status.phase() == Phase.ASLEEP && status.door() != null);
        cluster.bind(name);
    }

    @Test
    void aClaimThatOneMadeForOnePodIsKeptSo() {
        cluster.apply("""
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: alone-data, labels: {app.kubernetes.io/managed-by: haulout, haulout.dev/instance: alone}}
                spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}
                """);

        sleeping("alone");

        PersistentVolumeClaim claim = cluster.client
                .persistentVolumeClaims()
                .inNamespace(Cluster.NAMESPACE)
                .withName("alone-data")
                .get();
        assertThat(claim.getMetadata().getAnnotations()).containsKey(OwnedObjects.APPLIED);
        assertThat(claim.getSpec().getAccessModes()).containsExactly("ReadWriteOncePod");
    }

    @Test
    void anUnknownTimeZoneIsRefusedWithItsRemedy() {
        assertThatThrownBy(() -> create(
                        "lost", ", sleep: {keepAwake: [{start: 0 8 * * *, duration: 1h, timeZone: Europe/Berln}]}"))
                .hasMessageContaining("write the name that the IANA gave it, such as Europe/Berlin or UTC");
    }

    @Test
    void itsEventsTellOfEveryWake() {
        awake("told");

        Awaitility.await("the Event")
                .atMost(Duration.ofMinutes(1))
                .until(() -> events("told")
                        .anyMatch(event -> event.getReason().equals("Woke")
                                && event.getNote().contains("app runs SELECT")));
    }

    private static Stream<Event> events(String name) {
        return cluster.client.events().v1().events().inNamespace(Cluster.NAMESPACE).list().getItems().stream()
                .filter(event -> event.getRegarding().getName().equals(name));
    }

    @Test
    void whatIsKnownBeforeTheFirstStartIsKeptForTheGateways() {
        sleeping("unseen");

        String uid = cluster.instance("unseen").getMetadata().getUid();
        assertThat(cluster.client
                        .secrets()
                        .inNamespace(Cluster.RELEASE)
                        .withName("haulout-learned-" + uid)
                        .get()
                        .getData())
                .containsKeys("accounts.json", "announce-token");
    }

    @Test
    void whatWasLearntIsForgottenWithTheInstance() {
        sleeping("brief");
        String uid = cluster.instance("brief").getMetadata().getUid();

        cluster.client
                .resources(dev.haulout.crd.MariaDBInstance.class)
                .inNamespace(Cluster.NAMESPACE)
                .withName("brief")
                .delete();

        Awaitility.await("forgetting")
                .atMost(Duration.ofMinutes(1))
                .until(() -> cluster.servers.asked.contains("forget " + uid));
    }

    @Test
    void whatWasLearntOfInstancesThatAreGoneIsRemovedByTheNextLeader() {
        sleeping("stays");
        String uid = cluster.instance("stays").getMetadata().getUid();
        learned("gone", Cluster.NAMESPACE + "/gone");
        learned("replaced", Cluster.NAMESPACE + "/stays");
        learned("elsewhere", "another/gone");

        cluster.stopOperator();
        cluster.startOperator();

        Awaitility.await("removal")
                .atMost(Duration.ofMinutes(1))
                .until(() -> !isLearned("gone") && !isLearned("replaced"));
        assertThat(isLearned(uid)).isTrue();
        assertThat(isLearned("elsewhere")).isTrue();
    }

    private static void learned(String uid, String of) {
        var _ = cluster.client
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("haulout-learned-" + uid)
                        .withNamespace(Cluster.RELEASE)
                        .addToLabels("haulout.dev/learned", uid)
                        .addToAnnotations("haulout.dev/learned-of", of)
                        .endMetadata()
                        .build())
                .create();
    }

    private static boolean isLearned(String uid) {
        return cluster.client
                        .secrets()
                        .inNamespace(Cluster.RELEASE)
                        .withName("haulout-learned-" + uid)
                        .get()
                != null;
    }

    @Test
    void theDoorLeadsToEveryReadyGateway() {
        sleeping("door");

        List<EndpointSlice> slices = Awaitility.await("slices")
                .atMost(Duration.ofMinutes(1))
                .until(
                        () -> cluster.client
                                .discovery()
                                .v1()
                                .endpointSlices()
                                .inNamespace(Cluster.NAMESPACE)
                                .withLabel("haulout.dev/instance", "door")
                                .list()
                                .getItems(),
                        found -> !found.isEmpty());
        int port = cluster.instance("door").getStatus().door().port();
        assertThat(slices).singleElement().satisfies(slice -> {
            assertThat(slice.getPorts().getFirst().getPort()).isEqualTo(port);
            assertThat(slice.getEndpoints())
                    .flatExtracting(endpoint -> endpoint.getAddresses())
                    .containsExactly("10.1.0.1", "10.1.0.2");
        });
    }

    @Test
    void aSliceWithoutPortsStopsNobody() {
        var unused = cluster.client
                .resource(new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withName("strange")
                        .withNamespace(Cluster.NAMESPACE)
                        .addToLabels("app.kubernetes.io/managed-by", "haulout")
                        .addToLabels("endpointslice.kubernetes.io/managed-by", "haulout")
                        .addToLabels("haulout.dev/instance", "strange")
                        .endMetadata()
                        .withAddressType("IPv4")
                        .build())
                .create();

        sleeping("beside-it");

        assertThat(cluster.instance("beside-it").getStatus().door()).isNotNull();
    }

    @Test
    void aDemandInMidDrainCancelsIt() {
        awake("wanted");
        proposed("wanted", 1);

        cluster.demand("wanted", "d2");

        MariaDBInstanceStatus status = cluster.await(
                "wanted", "the demand to be met", now -> "d2".equals(now.served()) && now.phase() == Phase.AWAKE);
        assertThat(status.drain().state()).isEqualTo(Drain.State.CANCELLED);
        assertThat(cluster.servers.asked).doesNotContain("shutdown");
    }

    @Test
    void aServerInUseStaysAwakeAndTrustsTheGatewaysAgain() {
        awake("used");
        cluster.servers.busy = Optional.of("a replica reads the binary log");
        proposed("used", 1);

        holds("used", "gw-a", 1);
        holds("used", "gw-b", 1);

        MariaDBInstanceStatus status =
                cluster.await("used", "cancellation", now -> now.drain().state() == Drain.State.CANCELLED);
        assertThat(status.awakeBecause()).isEqualTo("a replica reads the binary log");
        assertThat(cluster.servers.asked).containsSubsequence("ask", "trust [10.1.0.1, 10.1.0.2]");
    }

    @Test
    void aGatewayThatNeverAnswersCancelsTheDrain() {
        awake("silent");
        proposed("silent", 1);

        holds("silent", "gw-a", 1);

        MariaDBInstanceStatus status =
                cluster.await("silent", "cancellation", now -> now.drain().state() == Drain.State.CANCELLED);
        assertThat(status.awakeBecause()).contains("gw-b");
    }

    @Test
    void anotherOperatorGoesOnInMidDrain() {
        awake("handed");
        proposed("handed", 1);
        cluster.stopOperator();
        holds("handed", "gw-a", 1);
        holds("handed", "gw-b", 1);

        cluster.startOperator();

        Awaitility.await("SHUTDOWN")
                .atMost(Duration.ofSeconds(60))
                .until(() -> cluster.servers.asked.contains("shutdown"));
        cluster.end("handed");
        cluster.await("handed", "sleep", status -> status.phase() == Phase.ASLEEP);
    }

    @Test
    void globalsThatWereChangedAreKeptForTheNextStart() {
        awake("tuned");
        cluster.servers.changedGlobals = Map.of("max_connections", "77");
        proposed("tuned", 1);
        holds("tuned", "gw-a", 1);
        holds("tuned", "gw-b", 1);
        cluster.await("tuned", "the stop", status -> status.drain().state() == Drain.State.STOPPING);

        assertThat(cluster.client
                        .configMaps()
                        .inNamespace(Cluster.NAMESPACE)
                        .withName("tuned-server")
                        .get()
                        .getData()
                        .get("init.sql"))
                .contains("max_connections");
    }

    @Test
    void anImageThatCantBeHadIsToldToWhoeverWaits() {
        sleeping("imageless");
        cluster.demand("imageless", "d1");

        cluster.waits("imageless", "ImagePullBackOff", "");

        MariaDBInstanceStatus status = cluster.await("imageless", "the failure", now -> "d1".equals(now.served()));
        assertThat(status.lastWake().outcome()).isEqualTo(LastWake.Outcome.FAILED);
        assertThat(status.phase()).isEqualTo(Phase.FAILED);
        assertThat(reason(status, "Degraded")).isEqualTo("ImagePull");
    }

    @Test
    void aCrashLoopShowsTheServersLastLines() {
        sleeping("crashing");
        cluster.demand("crashing", "d1");

        cluster.waits(
                "crashing",
                "CrashLoopBackOff",
                ", \"lastState\": {\"terminated\": {\"exitCode\": 1, \"message\": \"unknown variable 'foo'\"}}");

        MariaDBInstanceStatus status = cluster.await("crashing", "the failure", now -> "d1".equals(now.served()));
        assertThat(reason(status, "Degraded")).isEqualTo("CrashLoop");
        assertThat(status.lastWake().message()).contains("unknown variable 'foo'");
    }

    @Test
    void aPodThatVanishesIsMadeAgainForWhoeverWaits() {
        awake("lost");

        cluster.remove("lost");
        cluster.await("lost", "sleep", status -> status.phase() == Phase.ASLEEP);
        cluster.demand("lost", "d2");
        cluster.run("lost");

        cluster.await("lost", "the next wake", status -> "d2".equals(status.served()));
    }

    @Test
    void replicasZeroSuspendsAndOneWakesNoMore() {
        sleeping("scaled");

        cluster.patchSpec("scaled", "{\"replicas\": 0}");
        cluster.await("scaled", "suspension", status -> status.phase() == Phase.SUSPENDED);
        cluster.demand("scaled", "d1");
        MariaDBInstanceStatus refused = cluster.await("scaled", "the refusal", status -> "d1".equals(status.served()));
        assertThat(refused.lastWake().message()).contains("suspended");
        assertThat(cluster.pod("scaled")).isNull();

        cluster.patchSpec("scaled", "{\"replicas\": 1}");
        cluster.await("scaled", "sleep", status -> status.phase() == Phase.ASLEEP);
    }

    @Test
    void nothingIsWrittenWhileNothingChanges() {
        sleeping("quiet");
        Map<String, String> before = versions("quiet");

        cluster.stopOperator();
        cluster.startOperator();
        create("canary", ", initialise: OnFirstWake");
        cluster.await("canary", "the canary", status -> status.phase() == Phase.ASLEEP);

        assertThat(versions("quiet")).isEqualTo(before).hasSizeGreaterThan(6);
    }

    private static Map<String, String> versions(String name) {
        Map<String, String> versions = new TreeMap<>();
        var of = cluster.client;
        Stream.<KubernetesResourceList<? extends HasMetadata>>of(
                        of.services()
                                .inNamespace(Cluster.NAMESPACE)
                                .withLabel("haulout.dev/instance", name)
                                .list(),
                        of.configMaps()
                                .inNamespace(Cluster.NAMESPACE)
                                .withLabel("haulout.dev/instance", name)
                                .list(),
                        of.secrets()
                                .inNamespace(Cluster.NAMESPACE)
                                .withLabel("haulout.dev/instance", name)
                                .list(),
                        of.persistentVolumeClaims()
                                .inNamespace(Cluster.NAMESPACE)
                                .withLabel("haulout.dev/instance", name)
                                .list())
                .flatMap(list -> list.getItems().stream())
                .forEach(object -> versions.put(
                        object.getKind() + "/" + object.getMetadata().getName(),
                        object.getMetadata().getResourceVersion()));
        versions.put(
                "MariaDBInstance/" + name, cluster.instance(name).getMetadata().getResourceVersion());
        return versions;
    }

    private static String condition(MariaDBInstanceStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow()
                .getStatus();
    }

    private static String reason(MariaDBInstanceStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseThrow()
                .getReason();
    }
}
