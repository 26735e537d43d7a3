package dev.haulout.proxy.wake.remote;

import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.WakeProgress;
import dev.haulout.proxy.wake.Waker;
import java.net.SocketAddress;
import java.util.Optional;

/** There is nothing to wake: a server that somebody else runs is there or is not, which a login finds out. */
final class RemoteWaker implements Waker {
    private final SocketAddress address;

    RemoteWaker(SocketAddress address) {
        this.address = address;
    }

    @Override
    public Optional<Server> find() {
        return Optional.of(new RemoteServer(address));
    }

    @Override
    public Server start(WakeProgress progress) {
        return new RemoteServer(address);
    }

    @Override
    public boolean keepsAccounts() {
        return false;
    }

    @Override
    public Optional<String> deadlineName() {
        return Optional.empty();
    }
}
