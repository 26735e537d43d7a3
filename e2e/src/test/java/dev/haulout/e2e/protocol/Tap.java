package dev.haulout.e2e.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/** Stands between clients and a port of the loopback address, and counts the bytes that pass. */
final class Tap implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicLong toClient = new AtomicLong();
    private final AtomicLong fromClient = new AtomicLong();

    Tap(int port) throws IOException {
        Thread.ofVirtual().start(() -> accept(port));
    }

    int port() {
        return listener.getLocalPort();
    }

    long toClient() {
        return toClient.get();
    }

    long fromClient() {
        return fromClient.get();
    }

    private void accept(int port) {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket door = new Socket(InetAddress.getLoopbackAddress(), port);
                Thread.ofVirtual().start(() -> pass(client, door, fromClient));
                Thread.ofVirtual().start(() -> pass(door, client, toClient));
            }
        } catch (IOException closed) {
            // by close()
        }
    }

    private static void pass(Socket from, Socket to, AtomicLong count) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[64 << 10];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                count.addAndGet(read);
                out.write(buffer, 0, read);
            }
        } catch (IOException eitherHasGone) {
            // and so goes the other
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
