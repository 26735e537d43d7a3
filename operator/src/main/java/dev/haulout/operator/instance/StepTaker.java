package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.operator.desired.Marks;
import dev.haulout.operator.desired.UnfitSpecException;
import dev.haulout.operator.instance.Memory.Clearance;
import dev.haulout.operator.instance.Memory.Trusted;
import dev.haulout.operator.instance.PodView.Incarnation;
import dev.haulout.operator.server.ServerAt;
import dev.haulout.operator.server.Servers;
import dev.haulout.proxy.wake.DueEvent;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what a step says, but for what the status says of it. What takes long is done on a thread of its own, one piece at
 * a time for each instance; its end has the instance looked at again.
 */
final class StepTaker {
    private static final Logger log = LoggerFactory.getLogger(StepTaker.class);

    /** How long one piece of work asks a server that does not answer. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(50);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Before a drain that nobody proposed is tried again, or a pod that was evicted made again. */
    private static final Duration LONG_PAUSE = Duration.ofSeconds(5);

    /** Before a server whose sessions could not be held is tried to be started again. */
    private static final Duration BETWEEN_RESTARTS = Duration.ofMinutes(10);

    /** Somebody waits for it; yet between two attempts sessions get some work done. */
    private static final Duration BETWEEN_ASKED_RESTARTS = Duration.ofSeconds(30);

    private final KubernetesClient client;
    private final OwnedObjects objects;
    private final Servers servers;
    private final Nudges nudges;
    private final Clock clock;

    StepTaker(KubernetesClient client, OwnedObjects objects, Servers servers, Nudges nudges, Clock clock) {
        this.client = client;
        this.objects = objects;
        this.servers = servers;
        this.nudges = nudges;
        this.clock = clock;
    }

    void take(Step step, Scene scene) throws NameTakenException, UnfitSpecException {
        switch (step) {
            case Step.CreatePod create -> createPod(create, scene);
            case Step.DeletePod delete -> deletePod(delete, scene);
            case Step.AwaitServer await -> {
                if (await.server().ip().isPresent()) {
                    work(scene, () -> await(scene, await.server()));
                }
            }
            case Step.Trust trust -> work(scene, () -> trust(scene, trust.server()));
            case Step.AskServer ask -> work(scene, () -> ask(scene, ask));
            case Step.StopServer stop ->
                work(scene, () -> {
                    servers.shutDown(scene.at(stop.server()));
                    scene.notes().said(stop.server().which());
                });
            case Step.CancelDrain ignored -> scene.notes().cancelled(LONG_PAUSE);
            case Step.AwaitTurn ignored -> {}
            case Step.MarkAwake ignored -> {}
            case Step.MarkInitialised ignored -> {}
            case Step.RequestDrain ignored -> {
                switch (scene.seen().restart()) {
                    case CERTIFICATE_ENDS -> scene.notes().restarts(BETWEEN_RESTARTS);
                    case ASKED_FOR -> scene.notes().restarts(BETWEEN_ASKED_RESTARTS);
                    case NONE, WHEN_UNUSED -> {}
                }
            }
            case Step.CommitStop ignored -> {}
            case Step.MarkAsleep ignored -> {}
            case Step.MarkSuspended ignored -> {}
            case Step.FailDemand ignored -> {}
            case Step.ReportFailure ignored -> {}
            case Step.Nothing ignored -> {}
        }
    }

    private void createPod(Step.CreatePod create, Scene scene) throws NameTakenException, UnfitSpecException {
        scene.notes().wakeBegins(clock.instant());
        int certificate = ServerCertificate.of(objects, scene.desired().names())
                .map(ServerCertificate::number)
                .orElse(1);
        Optional<Pod> created = objects.create(
                scene.instance(), scene.desired().pod(scene.gateways(), create.initialise(), certificate));
        created.ifPresent(pod -> {
            scene.notes().mark("created");
            scene.notes()
                    .trusts(new Trusted(
                            new Incarnation(pod.getMetadata().getUid(), 0),
                            scene.seen().gateways()));
        });
    }

    /** Raw, since the client's own delete knows no precondition on the uid. */
    private void deletePod(Step.DeletePod delete, Scene scene) {
        MariaDBInstance instance = scene.instance();
        log.atInfo().addKeyValue("instance", scene.id()).log("deletes its pod: {}", delete.why());
        boolean unexpected = scene.seen().pod() instanceof PodView.Ended ended
                && ended.trouble().isPresent();
        if (unexpected) {
            scene.notes().pause(LONG_PAUSE);
        }
        try {
            var _ = client.raw(
                    "/api/v1/namespaces/" + instance.getMetadata().getNamespace() + "/pods/"
                            + scene.desired().names().pod(),
                    "DELETE",
                    new DeleteOptionsBuilder()
                            .withNewPreconditions()
                            .withUid(delete.uid())
                            .endPreconditions()
                            .build());
        } catch (KubernetesClientException e) {
            boolean gone =
                    e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || e.getCode() == HttpURLConnection.HTTP_CONFLICT;
            if (!gone) {
                throw e;
            }
        }
    }

    private void await(Scene scene, PodView.Running server) throws IOException, InterruptedException {
        ServerAt at = scene.at(server);
        Instant end = clock.instant().plus(PATIENCE);
        while (true) {
            try {
                scene.notes()
                        .answered(
                                server.which(),
                                servers.answer(at),
                                scene.pod().getMetadata().getAnnotations().get(Marks.PROGRAM));
                return;
            } catch (IOException e) {
                if (clock.instant().isAfter(end) || hasEnded(scene, server)) {
                    throw e;
                }
                Thread.sleep(BETWEEN_QUESTIONS);
            }
        }
    }

    /** Whether another run of it, or none, has begun since. */
    private boolean hasEnded(Scene scene, PodView.Running server) {
        PodView now = new PodReader(clock.instant())
                .read(
                        objects.seen(
                                        Pod.class,
                                        scene.desired().names().namespace(),
                                        scene.desired().names().pod())
                                .orElse(null),
                        null);
        return !(now instanceof PodView.Running running) || !running.which().equals(server.which());
    }

    private void trust(Scene scene, PodView.Running server) throws IOException, InterruptedException {
        Map<String, String> gateways = scene.seen().gateways();
        scene.notes().trustUnknown();
        servers.trust(scene.at(server), addresses(gateways.values()));
        scene.notes().trusts(new Trusted(server.which(), gateways));
    }

    private static List<String> addresses(Collection<String> joined) {
        return joined.stream()
                .flatMap(text -> Arrays.stream(text.split(",")))
                .filter(address -> !address.isEmpty())
                .sorted()
                .toList();
    }

    private void ask(Scene scene, Step.AskServer ask) throws InterruptedException {
        scene.notes().trustUnknown();
        try {
            Servers.Asked asked = servers.ask(
                    scene.at(ask.server()),
                    Set.copyOf(scene.instance().getSpec().sleep().ignoreUsers()));
            scene.notes().trusts(new Trusted(ask.server().which(), Map.of()));
            Optional<String> busy = asked.busy().or(() -> asked.nextEvent().flatMap(due -> near(scene, due)));
            scene.notes().cleared(new Clearance(ask.epoch(), busy, asked.nextEvent()), asked.changedGlobals());
        } catch (IOException e) {
            // silence is no evidence that nobody uses it
            scene.notes()
                    .cleared(
                            new Clearance(
                                    ask.epoch(),
                                    Optional.of("the server can't be asked about itself: " + e.getMessage()),
                                    Optional.empty()),
                            null);
        }
    }

    /** Whether it would hardly sleep before that event, where it is only for lack of use that it is to sleep. */
    private Optional<String> near(Scene scene, DueEvent due) {
        if (scene.seen().wish() != Wish.AUTO || scene.seen().restart().evenIfUsed()) {
            return Optional.empty();
        }
        StatusDraft draft = new StatusDraft(scene.seen().status());
        draft.nextEvent = StatusMaker.told(due);
        return EventPlan.of(scene.instance().getSpec(), draft.finished(), clock.instant())
                .why();
    }

    /** Something that takes long. */
    @FunctionalInterface
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void work(Scene scene, Work work) {
        if (!scene.notes().begin()) {
            return;
        }
        Thread.ofVirtual().name("work-" + scene.id()).start(() -> {
            try {
                work.run();
                scene.notes().done();
            } catch (IOException e) {
                log.atWarn().addKeyValue("instance", scene.id()).log("{}", e.getMessage());
                scene.notes().failed(e.getMessage(), PAUSE);
            } catch (InterruptedException e) {
                scene.notes().failed("interrupted", PAUSE);
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                log.atError().addKeyValue("instance", scene.id()).setCause(e).log("a fault of ours");
                scene.notes().failed("a fault in the operator: " + e, LONG_PAUSE);
            } finally {
                nudges.nudge(scene.id());
            }
        });
    }
}
