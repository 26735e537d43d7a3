package dev.haulout.proxy.gateway;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.proxy.wake.pod.SeenPod;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watches on instances, their pods and what is learnt of them; they go on through any outage of the API. */
final class Watches implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Watches.class);

    /** On all that the operator makes. */
    private static final String MANAGED_BY = "app.kubernetes.io/managed-by";

    private static final String HAULOUT = "haulout";
    private static final String LEARNED = "haulout.dev/learned";

    /** So many objects in one answer: a thousand of them whole, and their text, are some tens of MB. */
    private static final long PAGE = 200;

    private final List<Watch<?>> watches = new ArrayList<>();

    /**
     * One of them.
     *
     * @param told of how many objects the sink was told
     */
    private record Watch<T>(SharedIndexInformer<T> informer, AtomicInteger told) {
        /** The informer says so some time before it has told all. */
        boolean isSynced() {
            return informer.hasSynced()
                    && told.get() >= informer.getStore().listKeys().size();
        }
    }

    /** Told what the watches see. Of one object one after the other; must not block for long. */
    interface Sink {
        void instance(MariaDBInstance instance);

        void instanceGone(InstanceKey key);

        /**
         * A pod that bears our label, as everybody's may.
         *
         * @param owner uid of the instance that made it, as it says itself; empty when none did
         */
        void pod(InstanceKey key, Optional<String> owner, Optional<SeenPod> pod);

        void learned(Secret secret);

        void learnedGone(String secret);
    }

    private Watches() {}

    /** Opens them; {@link #isSynced} tells when all that is there has been seen. */
    static Watches open(KubernetesClient client, GatewayOptions options, Sink sink) {
        Watches watches = new Watches();
        watches.watch(
                client.secrets().inNamespace(options.namespace()).withLabel(LEARNED),
                Secret::new,
                sink::learned,
                gone -> sink.learnedGone(gone.getMetadata().getName()));
        for (Optional<String> namespace : namespaces(options)) {
            watches.watch(
                    within(client.pods(), namespace).withLabel(MANAGED_BY, HAULOUT),
                    Pod::new,
                    pod -> sink.pod(InstanceKey.of(pod), Slim.owner(pod), Optional.of(Slim.pod(pod))),
                    gone -> sink.pod(InstanceKey.of(gone), Slim.owner(gone), Optional.empty()));
            watches.watch(
                    within(client.resources(MariaDBInstance.class), namespace),
                    MariaDBInstance::new,
                    sink::instance,
                    gone -> sink.instanceGone(InstanceKey.of(gone)));
        }
        return watches;
    }

    private static List<Optional<String>> namespaces(GatewayOptions options) {
        return options.namespaces().isEmpty()
                ? List.of(Optional.empty())
                : options.namespaces().stream().map(Optional::of).toList();
    }

    private static <T, L, R extends Resource<T>> FilterWatchListDeletable<T, L, R> within(
            MixedOperation<T, L, R> everywhere, Optional<String> namespace) {
        return namespace.isPresent() ? everywhere.inNamespace(namespace.get()) : everywhere.inAnyNamespace();
    }

    private <T extends HasMetadata> void watch(
            FilterWatchListDeletable<T, ?, ?> which, Supplier<T> empty, Consumer<T> seen, Consumer<T> gone) {
        AtomicInteger told = new AtomicInteger();
        SharedIndexInformer<T> informer = which.withLimit(PAGE).runnableInformer(0);
        informer.itemStore(new SlimStore<>(empty));
        informer.exceptionHandler((started, fault) -> {
            log.warn(
                    "watching {} goes on after a fault: {}",
                    informer.getApiTypeClass().getSimpleName(),
                    fault.toString());
            return true;
        });
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                try {
                    seen.accept(object);
                } finally {
                    told.incrementAndGet();
                }
            }

            @Override
            public void onUpdate(T before, T object) {
                seen.accept(object);
            }

            @Override
            public void onDelete(T object, boolean finalStateUnknown) {
                gone.accept(object);
            }
        });
        watches.add(new Watch<>(informer, told));
        informer.start();
    }

    /** Whether the sink has been told of all that was there. */
    boolean isSynced() {
        return watches.stream().allMatch(Watch::isSynced);
    }

    @Override
    public void close() {
        watches.forEach(watch -> watch.informer().stop());
    }
}
