package dev.haulout.proxy.metrics;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Serves {@code /metrics} in Prometheus' text format. Never asks an instance anything, so it wakes none. */
public final class MetricsEndpoint implements AutoCloseable {
    private final HttpServer server;

    private MetricsEndpoint(HttpServer server) {
        this.server = server;
    }

    /** At {@code /metrics}. @throws IOException when the address can't be had */
    public static MetricsEndpoint open(InetSocketAddress address, PrometheusMeterRegistry registry) throws IOException {
        return open(address, "/metrics", registry);
    }

    /** Whatever path is asked for. @throws IOException when the address can't be had */
    public static MetricsEndpoint openForAnyPath(InetSocketAddress address, PrometheusMeterRegistry registry)
            throws IOException {
        return open(address, "/", registry);
    }

    private static MetricsEndpoint open(InetSocketAddress address, String path, PrometheusMeterRegistry registry)
            throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new IOException(
                    "metrics can't be served at " + address + ": " + e.getMessage() + "; choose another address", e);
        }
        server.createContext(path, exchange -> {
            byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return new MetricsEndpoint(server);
    }

    /**
     * Serves at {@code path} too whether all is well: status 200, or 503 and what is not.
     *
     * @param fault in a line for a person; empty when all is well
     */
    public void check(String path, Supplier<Optional<String>> fault) {
        server.createContext(path, exchange -> {
            Optional<String> found = fault.get();
            byte[] body = (found.orElse("ok") + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(found.isPresent() ? 503 : 200, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
    }

    /** The port it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
