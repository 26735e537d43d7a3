package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.operator.desired.Marks;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The objects that belong to instances: as they were last seen, and written when they are to be others. What was written
 * is told by a digest in an annotation, so nothing is written twice.
 */
final class OwnedObjects {
    /** Digest of what was last applied. */
    static final String APPLIED = "haulout.dev/applied";

    static final String FIELD_MANAGER = "haulout-operator";

    /** So many objects in one answer: a thousand of them whole, and their text, are some tens of MB. */
    static final long PAGE = 200;

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(FIELD_MANAGER)
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final Map<Class<?>, InformerEventSource<?, MariaDBInstance>> sources = new HashMap<>();

    OwnedObjects(KubernetesClient client, EventSourceContext<MariaDBInstance> context) {
        this.client = client;
        for (Class<? extends HasMetadata> kind : List.of(
                Pod.class,
                PersistentVolumeClaim.class,
                ConfigMap.class,
                Service.class,
                EndpointSlice.class,
                PodDisruptionBudget.class,
                NetworkPolicy.class)) {
            sources.put(kind, source(kind, context));
        }
    }

    /** Kubernetes makes slices of its own for the pod's Service, and puts that one's labels on them. */
    private static String selector(Class<? extends HasMetadata> kind) {
        String ours = "app.kubernetes.io/managed-by=" + Marks.MANAGER + "," + Marks.INSTANCE;
        return kind == EndpointSlice.class ? ours + "," + Marks.SLICES_MANAGED_BY + "=" + Marks.MANAGER : ours;
    }

    private static <R extends HasMetadata> InformerEventSource<R, MariaDBInstance> source(
            Class<R> kind, EventSourceContext<MariaDBInstance> context) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(kind, MariaDBInstance.class)
                        .withLabelSelector(selector(kind))
                        .withNamespacesInheritedFromController()
                        .withInformerListLimit(PAGE)
                        .withSecondaryToPrimaryMapper(object -> Set.of(new ResourceID(
                                object.getMetadata().getLabels().get(Marks.INSTANCE),
                                object.getMetadata().getNamespace())))
                        .build(),
                context);
    }

    List<EventSource<?, MariaDBInstance>> sources() {
        return List.copyOf(sources.values());
    }

    /** The object of that name, as it was last seen. */
    <R extends HasMetadata> Optional<R> seen(Class<R> kind, String namespace, String name) {
        return source(kind).get(new ResourceID(name, namespace));
    }

    /** Every object of that kind. */
    <R extends HasMetadata> List<R> all(Class<R> kind) {
        return source(kind).list().toList();
    }

    @SuppressWarnings("unchecked") // a source is put under its own kind
    private <R extends HasMetadata> InformerEventSource<R, MariaDBInstance> source(Class<R> kind) {
        return (InformerEventSource<R, MariaDBInstance>) sources.get(kind);
    }

    /** Whether an object was written just so before. */
    <R extends HasMetadata> boolean stands(Class<R> kind, R wanted) {
        return seen(
                        kind,
                        wanted.getMetadata().getNamespace(),
                        wanted.getMetadata().getName())
                .map(object -> object.getMetadata().getAnnotations())
                .filter(found -> digest(wanted).equals(found.get(APPLIED)))
                .isPresent();
    }

    /**
     * Writes an object unless it was written just so before.
     *
     * @throws NameTakenException when one of that name is there that is not the instance's
     */
    <R extends HasMetadata> void apply(MariaDBInstance instance, Class<R> kind, R wanted) throws NameTakenException {
        if (stands(kind, wanted)) {
            return;
        }
        claim(instance, kind, wanted);
        Map<String, String> annotations = new HashMap<>();
        if (wanted.getMetadata().getAnnotations() != null) {
            annotations.putAll(wanted.getMetadata().getAnnotations());
        }
        annotations.put(APPLIED, digest(wanted));
        Optional<R> seen = seen(
                kind, wanted.getMetadata().getNamespace(), wanted.getMetadata().getName());
        wanted.getMetadata().setAnnotations(annotations);
        remember(kind, client.resource(wanted).patch(APPLY), seen);
    }

    /**
     * Makes sure that an object's name is free, or that what bears it is the instance's. What was not seen is looked for:
     * objects without our labels are not watched.
     */
    <R extends HasMetadata> void claim(MariaDBInstance instance, Class<R> kind, R wanted) throws NameTakenException {
        R found = seen(
                        kind,
                        wanted.getMetadata().getNamespace(),
                        wanted.getMetadata().getName())
                .orElseGet(() -> client.resource(wanted).get());
        if (found != null && !isOf(instance, found)) {
            throw new NameTakenException(found);
        }
    }

    /**
     * Whether an object is the instance's: its owner says so, or where it has none, which is so of what outlives its
     * instance, its labels.
     */
    static boolean isOf(MariaDBInstance instance, HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return controller(object)
                .map(owner -> owner.getUid().equals(instance.getMetadata().getUid()))
                .orElseGet(() -> labels != null
                        && Marks.MANAGER.equals(labels.get("app.kubernetes.io/managed-by"))
                        && instance.getMetadata().getName().equals(labels.get(Marks.INSTANCE)));
    }

    /** Who controls an object. */
    static Optional<OwnerReference> controller(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .findFirst();
    }

    /**
     * Creates the pod, unless it is there and the watch is about to show it.
     *
     * @throws NameTakenException when another's is there
     */
    Optional<Pod> create(MariaDBInstance instance, Pod pod) throws NameTakenException {
        Pod created;
        try {
            created = client.resource(pod)
                    .fieldValidation(FieldValidateable.Validation.STRICT)
                    .create();
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
            claim(instance, Pod.class, pod);
            return Optional.empty();
        }
        remember(Pod.class, created, Optional.empty());
        return Optional.of(created);
    }

    /** What was written counts as seen until the watch shows it. */
    private <R extends HasMetadata> void remember(Class<R> kind, R written, Optional<R> before) {
        ResourceID id = ResourceID.fromResource(written);
        if (before.isPresent()) {
            source(kind).handleRecentResourceUpdate(id, written, before.get());
        } else {
            source(kind).handleRecentResourceCreate(id, written);
        }
    }

    private static String digest(HasMetadata object) {
        try {
            byte[] text = Serialization.asJson(object).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
