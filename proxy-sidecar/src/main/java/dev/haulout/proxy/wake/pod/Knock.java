package dev.haulout.proxy.wake.pod;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Tries whether a server answers. It may accept connections some time before it does (it recovers), so only a greeting
 * counts. The server counts a visitor that leaves without logging in as an aborted connect: once a wake, as a refused
 * connection reaches no server.
 */
final class Knock {
    /** Within a cluster an answer, or a refusal, takes a few milliseconds; a lost packet is sent anew after a second. */
    private static final int CONNECT_MILLIS = 250;

    private static final int BETWEEN_LOOKS_MILLIS = 100;

    /** Of the greeting: its length in 3 bytes, its number, and the version of the protocol; an error begins with 255. */
    private static final int HEAD = 5;

    private static final int PROTOCOL = 10;

    private Knock() {}

    /**
     * Whether a server greets at {@code address}.
     *
     * @param go asked now and then while a connection is open and silent: whether to wait on
     */
    static boolean isAnswered(InetSocketAddress address, BooleanSupplier go) throws InterruptedException {
        try (Socket socket = new Socket()) {
            socket.connect(address, CONNECT_MILLIS);
            socket.setSoTimeout(BETWEEN_LOOKS_MILLIS);
            InputStream in = socket.getInputStream();
            byte[] head = new byte[HEAD];
            int read = 0;
            while (read < HEAD && go.getAsBoolean()) {
                try {
                    int more = in.read(head, read, HEAD - read);
                    if (more < 0) {
                        return false;
                    }
                    read += more;
                } catch (SocketTimeoutException silent) {
                    // it may be recovering; whether that still matters is asked above
                }
            }
            return read == HEAD && head[HEAD - 1] == PROTOCOL;
        } catch (IOException nobodyThere) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return false;
        }
    }
}
