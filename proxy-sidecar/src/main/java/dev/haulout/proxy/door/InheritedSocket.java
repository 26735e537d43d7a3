package dev.haulout.proxy.door;

import dev.haulout.crd.ListenAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetSocketAddress;

/**
 * A socket that listens already, made and kept by whoever started this process. What is done here leaves the descriptor it
 * came by open, so that a door can be closed and opened again.
 *
 * @param descriptor the number it came by
 */
record InheritedSocket(int descriptor) {
    // of Linux, the same on every machine that Netty has a library for
    private static final int SOL_SOCKET = 1;
    private static final int SO_TYPE = 3;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_DOMAIN = 39;
    private static final int SOCK_STREAM = 1;
    private static final int AF_UNIX = 1;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int O_NONBLOCK = 04000;

    /** {@code int fcntl(int, int, ...)} with an int for its last. */
    private static final MethodHandle FCNTL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("fcntl"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
                    Linker.Option.firstVariadicArg(2));

    /** @throws IOException when it is no stream socket that listens */
    void check() throws IOException {
        boolean listens;
        try {
            listens = option(SO_TYPE) == SOCK_STREAM && option(SO_ACCEPTCONN) == 1;
        } catch (IOException noSocket) {
            throw notOne(noSocket);
        }
        if (!listens) {
            throw notOne(null);
        }
    }

    private IOException notOne(IOException cause) {
        return new IOException(
                "LISTEN_FDS: descriptor " + descriptor
                        + " is no stream socket that listens; in a socket unit use ListenStream= and leave Accept= at no",
                cause);
    }

    private int option(int name) throws IOException {
        return new Socket(descriptor).getIntOpt(SOL_SOCKET, name);
    }

    boolean isUnix() throws IOException {
        return option(SO_DOMAIN) == AF_UNIX;
    }

    /** Whether it listens where a door with this address would. */
    boolean isAt(ListenAddress address) throws IOException {
        return switch (address) {
            case ListenAddress.Unix unix ->
                isUnix()
                        && unix.path()
                                .toString()
                                .equals(new Socket(descriptor)
                                        .localDomainSocketAddress()
                                        .path());
            case ListenAddress.Tcp tcp -> !isUnix() && isSame(tcp, new Socket(descriptor).localAddress());
        };
    }

    /** A socket for all addresses is one for all of IPv4 too. */
    private static boolean isSame(ListenAddress.Tcp door, InetSocketAddress here) {
        return door.port() == here.getPort()
                && (door.address().equals(here.getAddress())
                        || door.address().isAnyLocalAddress()
                                && here.getAddress().isAnyLocalAddress());
    }

    /** Another descriptor of the same socket, which never blocks; the caller closes it. */
    int duplicate() throws IOException {
        int copy = fcntl(F_DUPFD_CLOEXEC, 3);
        // a flag of the socket, not of the descriptor: a loop that accepts would hang in it
        fcntl(F_SETFL, O_NONBLOCK);
        return copy;
    }

    private int fcntl(int command, int argument) throws IOException {
        int result;
        try {
            result = (int) FCNTL.invokeExact(descriptor, command, argument);
        } catch (Throwable e) {
            throw new IllegalStateException("fcntl could not be called", e);
        }
        if (result < 0) {
            throw new IOException(
                    "LISTEN_FDS: descriptor " + descriptor + " can't be used: fcntl " + command + " failed");
        }
        return result;
    }

    /** Its address as manifests write it. */
    String text() throws IOException {
        if (isUnix()) {
            return "unix:" + new Socket(descriptor).localDomainSocketAddress().path();
        }
        InetSocketAddress here = new Socket(descriptor).localAddress();
        return new ListenAddress.Tcp(here.getAddress(), here.getPort()).toString();
    }
}
