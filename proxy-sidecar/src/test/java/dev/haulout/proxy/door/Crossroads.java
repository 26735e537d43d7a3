package dev.haulout.proxy.door;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An address on loopback that leads each connection to the port last named, as a Service leads to any of its pods. */
final class Crossroads implements AutoCloseable {
    private final ServerSocket listener;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private volatile int port;

    Crossroads() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    join(listener.accept());
                }
            } catch (IOException closed) {
                // nobody comes any more
            }
        });
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /** Where connections lead from now on. */
    void leadTo(int next) {
        port = next;
    }

    private void join(Socket caller) throws IOException {
        Socket called = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(caller);
        open.add(called);
        pass(caller, called);
        pass(called, caller);
    }

    private static void pass(Socket from, Socket to) {
        Thread.ofVirtual().start(() -> {
            try (from;
                    to;
                    InputStream in = from.getInputStream()) {
                in.transferTo(to.getOutputStream());
            } catch (IOException ended) {
                // by either of them
            }
        });
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
