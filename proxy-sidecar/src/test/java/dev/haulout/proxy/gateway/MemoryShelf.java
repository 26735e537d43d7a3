package dev.haulout.proxy.gateway;

import dev.haulout.proxy.durable.Shelf;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A shelf that lasts as long as this process. */
final class MemoryShelf implements Shelf {
    private final Map<String, byte[]> kept = new ConcurrentHashMap<>();

    @Override
    public Optional<byte[]> read(String name) {
        return Optional.ofNullable(kept.get(name));
    }

    @Override
    public void write(String name, byte[] content) {
        kept.put(name, content);
    }

    @Override
    public String place(String name) {
        return name + " in the gateway's memory";
    }
}
