package dev.haulout.operator.instance;

import dev.haulout.crd.Durations;
import dev.haulout.crd.Initialise;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Door;
import dev.haulout.crd.Windows;
import dev.haulout.operator.desired.AddressFamily;
import dev.haulout.operator.desired.Desired;
import dev.haulout.operator.desired.GatewayPod;
import dev.haulout.operator.desired.Marks;
import dev.haulout.operator.desired.Names;
import dev.haulout.operator.desired.Release;
import dev.haulout.operator.desired.UnfitSpecException;
import dev.haulout.operator.gateways.DoorPorts;
import dev.haulout.operator.gateways.Gateway;
import dev.haulout.operator.server.FirstLearned;
import dev.haulout.operator.server.Servers;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at one instance at a time: observes it, decides, acts, and says in its status what it did. */
final class InstanceReconciler implements Reconciler<MariaDBInstance> {
    private static final Logger log = LoggerFactory.getLogger(InstanceReconciler.class);

    /** Looked again after a step at the latest, though its outcome is an event of its own. */
    private static final Duration AGAIN = Duration.ofSeconds(5);

    /** When a volume that could not be changed is tried to be changed again, as its class may allow that by then. */
    private static final Duration MUCH_LATER = Duration.ofMinutes(5);

    private static final Duration CLOCK_CHECK = Duration.ofMinutes(10);

    private static final Duration AT_ONCE = Duration.ofMillis(20);

    private static final PatchContext STATUS = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(OwnedObjects.FIELD_MANAGER)
            .build();

    /**
     * What the reconciler works with.
     *
     * @param client the API
     * @param release the installation
     * @param secrets the release's own
     * @param gateways those that are live
     * @param servers asks servers
     * @param outcomes where wakes, sleeps and failures are told
     * @param maxConcurrentWakes how many servers may start at once
     * @param clock the time of day
     */
    record Tools(
            KubernetesClient client,
            Release release,
            ReleaseSecrets secrets,
            Supplier<List<Gateway>> gateways,
            Servers servers,
            Outcomes outcomes,
            int maxConcurrentWakes,
            Clock clock) {}

    private final Tools tools;
    private final StatusMaker statuses;
    private final Nudges nudges = new Nudges();
    private final DoorPorts ports = new DoorPorts();
    private final WakeLine line;
    private final Map<String, Notes> notes = new ConcurrentHashMap<>();
    private Furnishing furnishing;
    private OwnedObjects objects;
    private StepTaker taker;
    private EventSourceContext<MariaDBInstance> sources;

    InstanceReconciler(Tools tools) {
        this.tools = tools;
        this.statuses = new StatusMaker(tools.clock());
        this.line = new WakeLine(tools.maxConcurrentWakes(), System::nanoTime, nudges::nudge);
    }

    @Override
    public List<EventSource<?, MariaDBInstance>> prepareEventSources(EventSourceContext<MariaDBInstance> context) {
        sources = context;
        objects = new OwnedObjects(tools.client(), context);
        furnishing = new Furnishing(
                tools.client(),
                objects,
                tools.secrets(),
                new FirstLearned(tools.client(), tools.release().namespace()),
                tools.clock());
        taker = new StepTaker(tools.client(), objects, tools.servers(), nudges, tools.clock());
        List<EventSource<?, MariaDBInstance>> all = new ArrayList<>(objects.sources());
        all.add(nudges);
        return all;
    }

    /** The gateways have changed: that concerns every instance. */
    void gatewaysChanged() {
        if (nudges.isRunning()) {
            all().forEach(instance -> nudges.nudge(ResourceID.fromResource(instance)));
        }
    }

    private List<MariaDBInstance> all() {
        return sources.getPrimaryCache().list(instance -> true).toList();
    }

    @Override
    public UpdateControl<MariaDBInstance> reconcile(MariaDBInstance cached, Context<MariaDBInstance> context) {
        if (context.isPrimaryResourceDeleted()) {
            forget(cached);
            return UpdateControl.noUpdate();
        }
        if (cached.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate();
        }
        Notes known = notes.computeIfAbsent(cached.getMetadata().getUid(), uid -> new Notes(System::nanoTime));
        try {
            return look(known.newest(cached), known)
                    .<UpdateControl<MariaDBInstance>>map(
                            again -> UpdateControl.<MariaDBInstance>noUpdate().rescheduleAfter(again))
                    .orElseGet(UpdateControl::noUpdate);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return UpdateControl.<MariaDBInstance>noUpdate().rescheduleAfter(AT_ONCE);
            }
            log.atWarn()
                    .addKeyValue("instance", ResourceID.fromResource(cached))
                    .log(
                            "the API does not do what is asked of it; tried again in {} s: {}",
                            AGAIN.toSeconds(),
                            e.getMessage());
            return UpdateControl.<MariaDBInstance>noUpdate().rescheduleAfter(AGAIN);
        } catch (RuntimeException e) {
            // thrown on, it would be tried some times, and then never again until something else happens to the
            // instance
            log.atError()
                    .addKeyValue("instance", ResourceID.fromResource(cached))
                    .setCause(e)
                    .log("a fault of ours; tried again in {} s", AGAIN.toSeconds());
            return UpdateControl.<MariaDBInstance>noUpdate().rescheduleAfter(AGAIN);
        }
    }

    private void forget(MariaDBInstance gone) {
        String uid = gone.getMetadata().getUid();
        notes.remove(uid);
        ports.free(uid);
        line.leave(uid);
        furnishing.forget(gone);
        Thread.startVirtualThread(() -> {
            try {
                tools.servers().forget(uid);
            } catch (IOException e) {
                log.atWarn().log("what was learnt of instance {} is left: {}", uid, e.getMessage());
            }
        });
    }

    /** Returns when to look again. */
    private Optional<Duration> look(MariaDBInstance instance, Notes known) {
        List<Gateway> gateways = tools.gateways().get();
        Instant now = tools.clock().instant();
        Optional<Trouble> misread = Optional.empty();
        Windows windows = Windows.NONE;
        try {
            windows = Windows.of(instance.getSpec().sleep().keepAwake());
        } catch (DateTimeException e) { // the API server knows a time zone that this Java does not
            misread = Optional.of(
                    new Trouble(FailureReason.REFUSED, "spec.sleep.keepAwake has no effect: " + e.getMessage(), false));
        }
        EventPlan events = EventPlan.of(
                instance.getSpec(),
                instance.getStatus() == null ? MariaDBInstanceStatus.EMPTY : instance.getStatus(),
                now);
        Scene scene = observe(instance, known, gateways, windows.openUntil(now).map(Windows::text), events.why());
        Step step = Decision.decide(scene.seen());
        Optional<Trouble> unmade = Optional.empty();
        Optional<Duration> turn = Optional.empty();
        Door door = instance.getStatus() == null ? null : instance.getStatus().door();
        // a client waits: nothing may come before the pod
        boolean urgent = step instanceof Step.CreatePod && furnishing.isInPlace(instance);
        if (!urgent) {
            OptionalInt port = ports.of(instance, this::all, () -> namedByOthers(instance));
            try {
                known.unchanged(furnishing.furnish(
                        instance,
                        scene.desired(),
                        known.changedGlobals(),
                        known.learnt(),
                        door == null || lacksSecret(scene.seen())));
                if (port.isPresent()) {
                    door = new Door(scene.desired().names().host(), port.getAsInt());
                    turn = furnishing.lead(
                            instance,
                            scene.desired(),
                            port.getAsInt(),
                            gateways.stream()
                                    .filter(Gateway::takesConnections)
                                    .map(Gateway::pod)
                                    .toList());
                } else {
                    unmade = Optional.of(new Trouble(
                            FailureReason.PORTS_EXHAUSTED,
                            "every port from " + DoorPorts.FIRST + " to " + DoorPorts.LAST
                                    + " is a door already; install another release for more instances",
                            true));
                }
            } catch (KubernetesClientException e) {
                unmade = Optional.of(refused(e));
            } catch (NameTakenException e) {
                unmade = Optional.of(e.trouble());
            } catch (IOException e) {
                unmade = Optional.of(new Trouble(FailureReason.REFUSED, e.getMessage(), false));
            }
        }
        try {
            if (unmade.isPresent() && needsFurniture(step)) {
                step = failure(unmade.get(), scene);
            } else {
                taker.take(step, scene);
            }
        } catch (KubernetesClientException e) {
            unmade = Optional.of(refused(e));
            step = failure(unmade.get(), scene);
        } catch (NameTakenException e) {
            unmade = Optional.of(e.trouble());
            step = failure(unmade.get(), scene);
        } catch (UnfitSpecException e) {
            unmade = Optional.of(new Trouble(FailureReason.REFUSED, e.getMessage(), true));
            step = failure(unmade.get(), scene);
        }
        tell(
                step,
                scene,
                new StatusMaker.Facts(
                        instance.getMetadata().getGeneration(),
                        door,
                        Marks.INSTANCE + "=" + instance.getMetadata().getName(),
                        scene.desired().names().pod(),
                        known.version(),
                        known.wake(),
                        Stream.of(unmade, misread, known.unchanged())
                                .flatMap(Optional::stream)
                                .findFirst(),
                        objects.seen(
                                        PersistentVolumeClaim.class,
                                        instance.getMetadata().getNamespace(),
                                        scene.desired().names().volume())
                                .flatMap(VolumeGrowth::underWay)));
        Optional<Duration> recheck = Optional.of(step instanceof Step.AwaitTurn waits ? waits.recheck() : AGAIN);
        if (step instanceof Step.Nothing nothing && unmade.isEmpty()) {
            recheck = known.unchanged().isPresent() && nothing.recheck().isEmpty()
                    ? Optional.of(MUCH_LATER)
                    : nothing.recheck();
        }
        Optional<Duration> edge = Stream.of(windows.nextEdge(now), events.changes())
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .map(next -> until(next, now));
        return Stream.of(recheck, turn, edge).flatMap(Optional::stream).min(Comparator.naturalOrder());
    }

    /** To the next edge of a window or such, in parts that are short enough to notice that the clock was put right. */
    private static Duration until(Instant edge, Instant now) {
        Duration whole = Duration.between(now, edge).plus(AT_ONCE);
        return whole.compareTo(CLOCK_CHECK) < 0 ? whole : CLOCK_CHECK;
    }

    /** Who waits for what won't come is told so. */
    private static Step failure(Trouble trouble, Scene scene) {
        return trouble.hopeless() && scene.seen().openDemand().isPresent()
                ? new Step.FailDemand(trouble)
                : new Step.ReportFailure(trouble);
    }

    private static boolean lacksSecret(Observed seen) {
        return seen.pod() instanceof PodView.Starting starting
                && starting.trouble()
                        .filter(trouble -> trouble.reason() == FailureReason.SECRET_MISSING)
                        .isPresent();
    }

    /** Whether a step makes no sense while what an instance needs can't be made. */
    private static boolean needsFurniture(Step step) {
        return step instanceof Step.CreatePod
                || step instanceof Step.CommitStop // changed globals have to be kept first
                || step instanceof Step.MarkAsleep;
    }

    /** Refused for good, or as good as: what the API server will take another time is thrown on. */
    private static Trouble refused(KubernetesClientException e) {
        if (!Refusal.isForGood(e)) {
            throw e;
        }
        return new Trouble(FailureReason.REFUSED, Refusal.message(e), true);
    }

    private Scene observe(
            MariaDBInstance instance,
            Notes known,
            List<Gateway> gateways,
            Optional<String> window,
            Optional<String> event) {
        Desired desired = new Desired(tools.release(), instance);
        String namespace = instance.getMetadata().getNamespace();
        Pod pod = objects.seen(Pod.class, namespace, desired.names().pod()).orElse(null);
        PersistentVolumeClaim claim = objects.seen(
                        PersistentVolumeClaim.class, namespace, desired.names().volume())
                .orElse(null);
        PodView view = pod == null || OwnedObjects.isOf(instance, pod)
                ? new PodReader(tools.clock().instant()).read(pod, claim)
                : anothers(instance, pod);
        if (view instanceof PodView.Starting starting && starting.trouble().isEmpty()) {
            view = new PodView.Starting(
                    starting.uid(),
                    starting.ranBefore(),
                    new Mounts(tools.client(), tools.clock()).trouble(pod, instance));
        }
        if (pod != null && pod.getSpec().getNodeName() != null) {
            known.mark("scheduled");
        }
        if (view instanceof PodView.Running) {
            known.mark("running");
        }
        boolean outdated = pod != null
                && pod.getMetadata().getAnnotations() != null
                && !desired.configuration()
                        .equals(pod.getMetadata().getAnnotations().get(Marks.CONFIGURATION));
        Restart restart = pod == null ? Restart.NONE : restart(instance, pod, desired);
        Map<String, String> live = new TreeMap<>();
        gateways.forEach(gateway ->
                live.put(gateway.pod().name(), String.join(",", gateway.pod().addresses())));
        MariaDBInstanceStatus status =
                instance.getStatus() == null ? MariaDBInstanceStatus.EMPTY : instance.getStatus();
        Observed seen = new Observed(
                Wish.of(instance.getSpec(), window.isPresent()),
                window,
                event,
                instance.getSpec().initialise() == Initialise.ON_CREATE,
                Durations.parse(instance.getSpec().sleep().wakeDeadline()),
                status,
                view,
                outdated,
                restart,
                furnishing.greetsOtherwise(desired),
                live,
                known.at(status),
                Optional.empty());
        List<GatewayPod> pods = gateways.stream()
                .map(Gateway::pod)
                .filter(gateway -> !gateway.addresses().isEmpty())
                .toList();
        return new Scene(instance, pod, desired, pods, seen.at(place(instance, seen)), known);
    }

    private Restart restart(MariaDBInstance instance, Pod pod, Desired desired) {
        if (!Marks.restart(instance).equals(Marks.restart(pod))) {
            return Restart.ASKED_FOR;
        }
        return ServerCertificate.of(objects, desired.names())
                .map(present ->
                        present.restartOf(certificate(pod), tools.clock().instant()))
                .orElse(Restart.NONE);
    }

    private Optional<WakeLine.Place> place(MariaDBInstance instance, Observed seen) {
        String uid = instance.getMetadata().getUid();
        if (seen.isToStart()) {
            return line.ask(
                    uid,
                    ResourceID.fromResource(instance),
                    seen.openDemand().isPresent() || seen.event().isPresent());
        }
        if (seen.isStarting()) {
            line.starts(uid);
        } else {
            line.leave(uid);
        }
        return Optional.empty();
    }

    private static int certificate(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        String number = annotations == null ? null : annotations.get(Marks.CERTIFICATE);
        return number != null && number.matches("[1-9][0-9]{0,5}") ? Integer.parseInt(number) : 1;
    }

    /** Never asked and never deleted: who made it has to. A pod of an instance that had this name is about to go. */
    private static PodView anothers(MariaDBInstance instance, Pod pod) {
        boolean ofFormer = OwnedObjects.controller(pod)
                .filter(owner -> owner.getKind().equals(instance.getKind())
                        && owner.getName().equals(instance.getMetadata().getName()))
                .isPresent();
        return new PodView.Leaving(
                pod.getMetadata().getUid(),
                ofFormer ? Optional.empty() : Optional.of(new NameTakenException(pod).trouble()));
    }

    private Set<Integer> namedByOthers(MariaDBInstance instance) {
        return objects.all(EndpointSlice.class).stream()
                .filter(slice -> !OwnedObjects.isOf(instance, slice) && isGenerated(slice))
                .map(EndpointSlice::getPorts)
                .filter(Objects::nonNull) // neither is obligatory
                .flatMap(List::stream)
                .map(EndpointPort::getPort)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /** Anybody can give a slice our labels, as many as he likes: such slices keep no ports from others. */
    private static boolean isGenerated(EndpointSlice slice) {
        String instance = slice.getMetadata().getLabels().get(Marks.INSTANCE);
        Names names = new Names(instance, slice.getMetadata().getNamespace());
        return OwnedObjects.controller(slice)
                        .filter(owner -> owner.getName().equals(instance))
                        .isPresent()
                && Arrays.stream(AddressFamily.values())
                        .map(names::endpointSlice)
                        .anyMatch(slice.getMetadata().getName()::equals);
    }

    private void tell(Step step, Scene scene, StatusMaker.Facts facts) {
        MariaDBInstance instance = scene.instance();
        MariaDBInstanceStatus before = scene.seen().status();
        MariaDBInstanceStatus after = statuses.after(scene.seen(), step, facts);
        StatusPatch.of(before, after, instance.getMetadata().getResourceVersion())
                .ifPresent(patch -> scene.notes()
                        .wrote(tools.client()
                                .resources(MariaDBInstance.class)
                                .inNamespace(instance.getMetadata().getNamespace())
                                .withName(instance.getMetadata().getName())
                                .subresource("status")
                                .patch(STATUS, patch)));
        if (step instanceof Step.MarkAsleep || step instanceof Step.MarkSuspended) {
            scene.notes().asleep();
        }
        if (step instanceof Step.MarkAwake || step instanceof Step.FailDemand) {
            scene.notes().wakeEnds();
        }
        tools.outcomes().told(instance, step, before, after);
    }
}
