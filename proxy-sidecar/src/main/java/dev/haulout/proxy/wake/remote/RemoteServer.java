package dev.haulout.proxy.wake.remote;

import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.ServiceAccount;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A server that somebody else runs. It has "ended" once it could not be reached: whether it is back is found out anew. */
final class RemoteServer implements Server {
    private final SocketAddress address;
    private final CompletableFuture<String> ended = new CompletableFuture<>();

    RemoteServer(SocketAddress address) {
        this.address = address;
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public Optional<BackendTls> tls() {
        return Optional.empty();
    }

    @Override
    public Optional<ServiceAccount> serviceAccount() {
        return Optional.empty();
    }

    @Override
    public boolean takesProxyHeader() {
        return false;
    }

    @Override
    public void notReached() {
        ended.complete("it could not be reached");
    }

    @Override
    public CompletionStage<String> ended() {
        return ended.minimalCompletionStage();
    }

    @Override
    public String toString() {
        return "RemoteServer[" + address + "]";
    }
}
