package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.SqlError;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Counts what a server's answers hold, and stops reading for a while every now and then, as a slow client makes us do. */
final class Collector implements BackendConnection.Entrance, BackendConnection.Owner {
    private static final int BETWEEN_PAUSES = 4_000_000;

    private final EventLoop loop;
    private final CompletableFuture<BackendConnection> loggedIn = new CompletableFuture<>();
    private final CompletableFuture<Long> answered = new CompletableFuture<>();
    private long relayed;
    private long pauseAt = BETWEEN_PAUSES;
    private volatile int pauses;
    private volatile byte[] lastBytes = new byte[0];
    private Runnable writable = () -> {};
    private BackendConnection connection;

    Collector(EventLoop loop) {
        this.loop = loop;
    }

    BackendConnection loggedIn() throws Exception {
        return loggedIn.get(60, TimeUnit.SECONDS);
    }

    /** How many bytes a forwarded command's answer had. */
    long answered() throws Exception {
        return answered.get(120, TimeUnit.SECONDS);
    }

    /** How often nothing was read for a while. */
    int pauses() {
        return pauses;
    }

    /** The bytes that came last. */
    byte[] lastBytes() {
        return lastBytes;
    }

    /** Runs this whenever the connection takes more bytes, or no more. */
    void onWritabilityChanged(Runnable then) {
        writable = then;
    }

    @Override
    public void loggedIn(BackendConnection made, ByteBuf ok) {
        connection = made;
        loggedIn.complete(made);
    }

    @Override
    public void refused(SqlError error) {
        loggedIn.completeExceptionally(new IOException("refused: " + error));
    }

    @Override
    public void failed(IOException cause) {
        loggedIn.completeExceptionally(cause);
    }

    @Override
    public void relay(ByteBuf bytes) {
        relayed += bytes.readableBytes();
        lastBytes = ByteBufUtil.getBytes(bytes);
        bytes.release();
        if (relayed >= pauseAt) {
            pauseAt = relayed + BETWEEN_PAUSES;
            pauses++;
            connection.autoRead(false);
            loop.schedule(() -> connection.autoRead(true), 2, TimeUnit.MILLISECONDS);
        }
        if (connection.isReady()) {
            answered.complete(relayed);
        }
    }

    @Override
    public void relayed() {}

    @Override
    public void writabilityChanged() {
        writable.run();
    }

    @Override
    public void closed() {
        answered.completeExceptionally(new IOException("the server closed the connection"));
    }
}
