package dev.haulout.proxy.durable;

import java.util.Optional;

/** Keeps nothing. */
public final class NoShelf implements Shelf {
    @Override
    public Optional<byte[]> read(String name) {
        return Optional.empty();
    }

    @Override
    public void write(String name, byte[] content) {}

    @Override
    public String place(String name) {
        return name + ", which is kept nowhere";
    }
}
