package dev.haulout.proxy.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What a watch needs to keep of its objects: which there are, in which version. Who is told of them keeps what he needs. */
final class SlimStore<T extends HasMetadata> implements ItemStore<T> {
    private final Map<String, T> kept = new ConcurrentHashMap<>();
    private final Supplier<T> empty;

    /** @param empty makes an object of that kind */
    SlimStore(Supplier<T> empty) {
        this.empty = empty;
    }

    @Override
    public String getKey(T object) {
        return Cache.metaNamespaceKeyFunc(object);
    }

    @Override
    public T put(String key, T object) {
        T slim = empty.get();
        slim.setMetadata(Slim.metadata(object));
        return kept.put(key, slim);
    }

    @Override
    public T remove(String key) {
        return kept.remove(key);
    }

    @Override
    public Stream<String> keySet() {
        return kept.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return kept.values().stream();
    }

    @Override
    public int size() {
        return kept.size();
    }

    @Override
    public T get(String key) {
        return kept.get(key);
    }

    /** {@inheritDoc} It is not, so who listens is told of every object as it comes, whole. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
