package dev.haulout.proxy.wake.pod;

import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import dev.haulout.proxy.backend.BackendTls;
import dev.haulout.proxy.wake.Server;
import dev.haulout.proxy.wake.ServiceAccount;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A server that runs in a pod. Whether it is the one meant, TLS tells before anything is said to it. */
public final class PodServer implements Server {
    /** A gateway logs in by its certificate. */
    private static final ServiceAccount ACCOUNT = new ServiceAccount("haulout_gateway", "");

    private final InetSocketAddress address;
    private final Supplier<BackendTls> tls;
    private final CompletableFuture<String> ended = new CompletableFuture<>();

    private PodServer(InetSocketAddress address, Supplier<BackendTls> tls) {
        this.address = address;
        this.tls = tls;
    }

    /** A server that has answered at {@code address}; its end is looked out for from now on. */
    static PodServer at(InetSocketAddress address, Supplier<BackendTls> tls, Lookout lookout) {
        PodServer server = new PodServer(address, tls);
        Consumer<Sighting> watch = server.new End();
        server.ended.thenRun(() -> lookout.unwatch(watch));
        lookout.watch(watch);
        server.ended.thenRun(() -> lookout.left(address.getAddress()));
        return server;
    }

    /** Tells from what is seen when the server has ended. Its pod may be seen some time after its announcement. */
    private final class End implements Consumer<Sighting> {
        private SeenPod pod;
        private boolean wasUp;
        private boolean isOver;

        @Override
        public void accept(Sighting now) {
            if (pod == null) {
                pod = now.pod()
                        .filter(seen -> seen.address().equals(Optional.of(address.getAddress())))
                        .orElse(null);
            }
            if (pod != null) {
                lookAtPod(now.pod());
            }
            if (wasUp && now.isDown()) {
                end("was put to sleep");
            }
            wasUp |= now.status().phase() == Phase.AWAKE || now.status().phase() == Phase.FALLING_ASLEEP;
        }

        /** Elsewhere, since who waits for the end may look out for more. */
        private void end(String how) {
            if (!isOver) {
                isOver = true;
                Thread.ofVirtual().start(() -> ended.complete(how));
            }
        }

        private void lookAtPod(Optional<SeenPod> present) {
            if (present.isEmpty() || !present.get().uid().equals(pod.uid())) {
                end("its pod is gone");
            } else if (present.get().ended().isPresent()) {
                end("its container " + present.get().ended().get());
            } else if (present.get().restarts() != pod.restarts()) {
                end("its container was started again");
            }
        }
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public Optional<BackendTls> tls() {
        return Optional.of(tls.get());
    }

    @Override
    public Optional<ServiceAccount> serviceAccount() {
        return Optional.of(ACCOUNT);
    }

    @Override
    public CompletionStage<String> ended() {
        return ended.minimalCompletionStage();
    }

    @Override
    public String toString() {
        return "PodServer[" + address + "]";
    }
}
