package dev.haulout.operator.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** Serves {@code /livez}, {@code /readyz} and {@code /metrics} (Prometheus' text format) on one port. */
final class HealthPort implements AutoCloseable {
    private final HttpServer server;

    private HealthPort(HttpServer server) {
        this.server = server;
    }

    /**
     * @param ready whether all that is watched is being watched
     * @throws IOException when the port can't be had
     */
    static HealthPort open(int port, BooleanSupplier ready, PrometheusMeterRegistry registry) throws IOException {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(port), 0);
        } catch (IOException e) {
            throw new IOException(
                    "port " + port + " can't be had for health and metrics: " + e.getMessage()
                            + "; choose another --http-port",
                    e);
        }
        server.createContext("/livez", exchange -> answer(exchange, 200, "ok\n"));
        server.createContext("/readyz", exchange -> {
            boolean is = ready.getAsBoolean();
            answer(exchange, is ? 200 : 503, is ? "ok\n" : "the API is not being watched\n");
        });
        server.createContext("/metrics", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            answer(exchange, 200, registry.scrape());
        });
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        return new HealthPort(server);
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    /** The port it listens on. */
    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
