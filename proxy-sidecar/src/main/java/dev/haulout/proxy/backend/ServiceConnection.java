package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.SqlError;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** A connection for Haulout's own statements, for callers that may block (virtual threads). Callers take turns. */
public final class ServiceConnection implements AutoCloseable {
    private final BackendConnection connection;
    private final EventLoop loop;
    private final Duration timeout;
    private final CompletableFuture<IOException> ended;
    private final ReentrantLock turn = new ReentrantLock();

    private ServiceConnection(
            BackendConnection connection, EventLoop loop, Duration timeout, CompletableFuture<IOException> ended) {
        this.connection = connection;
        this.loop = loop;
        this.timeout = timeout;
        this.ended = ended;
    }

    /**
     * Connects and logs in.
     *
     * @param tls how to make sure of the server before logging in; empty for none
     * @param password empty for an account that is known by our certificate alone
     * @param timeout for the login, and later for each statement
     * @throws IOException when the server can't be reached or refuses
     */
    public static ServiceConnection open(
            EventLoop loop,
            SocketAddress address,
            Optional<BackendTls> tls,
            String user,
            String password,
            Duration timeout)
            throws IOException, InterruptedException {
        CompletableFuture<IOException> ended = new CompletableFuture<>();
        CompletableFuture<Void> ready = new CompletableFuture<>();
        BackendConnection connection = BackendConnection.open(
                loop, address, tls, BackendLogin.service(user, password), new Ready(user, ready), new Quiet(ended));
        try {
            await(ready, timeout, "logging in to the server at " + address);
        } catch (IOException | InterruptedException e) {
            loop.execute(connection::quit);
            throw e;
        }
        return new ServiceConnection(connection, loop, timeout, ended);
    }

    private record Ready(String user, CompletableFuture<Void> future) implements BackendConnection.Entrance {
        @Override
        public void loggedIn(BackendConnection connection, ByteBuf ok) {
            future.complete(null);
        }

        @Override
        public void refused(SqlError error) {
            future.completeExceptionally(new IOException(
                    "the server refused Haulout's own account " + user + ": " + error, new SqlException(error)));
        }

        @Override
        public void failed(IOException cause) {
            future.completeExceptionally(cause);
        }
    }

    /** Nothing is ever relayed here: only statements of our own run. */
    private record Quiet(CompletableFuture<IOException> ended) implements BackendConnection.Owner {
        @Override
        public void relay(ByteBuf bytes) {
            bytes.release();
        }

        @Override
        public void relayed() {}

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed() {
            ended.complete(new IOException("the server closed Haulout's own connection"));
        }
    }

    /** The greeting the server gave this connection. */
    public Greeting greeting() {
        return connection.greeting();
    }

    /** The server's id of this connection. */
    public long id() {
        return connection.greeting().connectionId();
    }

    /**
     * Runs one statement.
     *
     * @return its rows as text, null for SQL NULL
     * @throws SqlException when the server answers with an error
     * @throws IOException when the connection is lost or the timeout passes
     */
    public List<List<String>> query(String sql) throws IOException, InterruptedException {
        turn.lockInterruptibly();
        try {
            return queryInTurn(sql);
        } finally {
            turn.unlock();
        }
    }

    private List<List<String>> queryInTurn(String sql) throws IOException, InterruptedException {
        CompletableFuture<QueryResult> answer = new CompletableFuture<>();
        ended.thenAccept(answer::completeExceptionally);
        try {
            loop.execute(() -> {
                if (connection.isReady()) {
                    connection.query(sql, answer::complete);
                } else {
                    answer.completeExceptionally(new IOException("Haulout's own connection is closed or busy"));
                }
            });
        } catch (RejectedExecutionException e) {
            throw new IOException("the proxy is stopping", e);
        }
        QueryResult result;
        try {
            result = await(answer, timeout, "running a statement of Haulout's own");
        } catch (IOException e) {
            close(); // a late answer must not be taken for that of the next statement
            throw e;
        }
        if (result.error() != null) {
            throw new SqlException(result.error());
        }
        return result.text();
    }

    @Override
    public void close() {
        try {
            loop.execute(connection::quit);
        } catch (RejectedExecutionException loopHasEnded) {
            // and with it all its connections
        }
    }

    private static <T> T await(CompletableFuture<T> future, Duration timeout, String what)
            throws IOException, InterruptedException {
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(what + " took longer than " + timeout.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw new IOException(what + " failed: " + e.getCause().getMessage(), e.getCause());
        }
    }
}
