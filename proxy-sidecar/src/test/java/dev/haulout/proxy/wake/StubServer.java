package dev.haulout.proxy.wake;

import dev.haulout.proxy.backend.BackendTls;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A server that exists only by its address.
 *
 * @param address where backend connections go
 * @param tls how to make sure of it
 * @param end completes when it "ends"
 * @param isGateway whether it is a gateway
 */
public record StubServer(
        SocketAddress address, Optional<BackendTls> tls, CompletableFuture<String> end, boolean isGateway)
        implements Server {

    public StubServer(SocketAddress address) {
        this(address, Optional.empty());
    }

    public StubServer(SocketAddress address, Optional<BackendTls> tls) {
        this(address, tls, new CompletableFuture<>(), false);
    }

    /** A gateway that stands there. */
    public static StubServer gateway(SocketAddress address) {
        return new StubServer(address, Optional.empty(), new CompletableFuture<>(), true);
    }

    @Override
    public Optional<ServiceAccount> serviceAccount() {
        return Optional.of(new ServiceAccount("haulout", ""));
    }

    @Override
    public CompletionStage<String> ended() {
        return end;
    }

    @Override
    public void terminate() {
        end.complete("was asked to");
    }
}
