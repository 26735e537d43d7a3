package dev.haulout.proxy.sidecar;

import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.ServiceAccount;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Gateways behind one address, any of which serves. Their "end" is that a login met none: whether there is another is then
 * found out anew.
 */
final class GatewayServer implements Server {
    private final InetSocketAddress address;
    private final CompletableFuture<String> ended = new CompletableFuture<>();

    GatewayServer(InetSocketAddress address) {
        this.address = address;
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    /** {@inheritDoc} The gateways' doors speak none yet. */
    @Override
    public Optional<BackendTls> tls() {
        return Optional.empty();
    }

    @Override
    public Optional<ServiceAccount> serviceAccount() {
        return Optional.empty();
    }

    @Override
    public boolean isGateway() {
        return true;
    }

    @Override
    public void notReached() {
        ended.complete("a login met no gateway");
    }

    @Override
    public CompletionStage<String> ended() {
        return ended.minimalCompletionStage();
    }

    @Override
    public String toString() {
        return "GatewayServer[" + address + "]";
    }
}
