package dev.haulout.e2e.pools;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/** What the program tells Prometheus. */
final class Metrics implements AutoCloseable {
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI page;

    Metrics(HostProcess host) {
        page = URI.create("http://127.0.0.1:" + host.metricsPort() + "/metrics");
    }

    /** The sum of a counter's values over all its labels but those that are given, such as {@code answered_by="proxy"}. */
    double sum(String name, String... labels) throws IOException, InterruptedException {
        String text = http.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        return text.lines()
                .filter(line -> line.startsWith(name + "{"))
                .filter(line -> List.of(labels).stream().allMatch(line::contains))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() {
        http.close();
    }
}
