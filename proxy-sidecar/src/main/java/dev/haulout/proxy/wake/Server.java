package dev.haulout.proxy.wake;

import dev.haulout.proxy.account.Tls;
import dev.haulout.proxy.backend.BackendTls;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** A running server: where to reach it and how to tell that it ended. */
public interface Server {

    /** Where backend connections go: a Netty {@code DomainSocketAddress} or an {@code InetSocketAddress}. */
    SocketAddress address();

    /** How to make sure that it is the server meant before anything is said to it; empty for none. */
    Optional<BackendTls> tls();

    /**
     * The same for a client's session.
     *
     * @param asked the client's TLS, where its account asks for any, or may: the server then is to see the like of it
     */
    default Optional<BackendTls> tls(Optional<Tls> asked) {
        return tls();
    }

    /** The account Haulout itself uses for its own questions and for SHUTDOWN; empty where it asks none. */
    Optional<ServiceAccount> serviceAccount();

    /**
     * Whether this is a gateway that stands before the server. It takes no PROXY header, wakes the server and puts it to
     * sleep itself, tells what it knows of it in notices, and may end its connections without the server having ended.
     */
    default boolean isGateway() {
        return false;
    }

    /** Whether it takes a PROXY header that tells where a client is. */
    default boolean takesProxyHeader() {
        return !isGateway();
    }

    /** Somebody could not log in to it, be it that nobody was there: where that is how its end shows. Any thread. */
    default void notReached() {}

    /** The server's process id, where it has one on this machine. */
    default OptionalLong pid() {
        return OptionalLong.empty();
    }

    /** Resident memory of the server in bytes as the kernel tells it now, where that can be known. */
    default OptionalLong residentBytes() {
        return OptionalLong.empty();
    }

    /** Completes with one line saying how it ended ("exited with status 0", "killed by signal 9"). */
    CompletionStage<String> ended();

    /**
     * Asks the server to shut down cleanly by signal (SIGTERM): only when SQL SHUTDOWN could not be said or did nothing.
     * Nothing happens where the server is not this process's to stop.
     */
    default void terminate() {}
}
