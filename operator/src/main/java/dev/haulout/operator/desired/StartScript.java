package dev.haulout.operator.desired;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The script that the server's container runs, as it lies on the class path. */
final class StartScript {
    private static final String RESOURCE = "/dev/haulout/operator/start";

    static final String TEXT = read();

    private StartScript() {}

    private static String read() {
        try (InputStream in = StartScript.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the start script " + RESOURCE + " is not in this build; rebuild it");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the start script " + RESOURCE + " could not be read", e);
        }
    }
}
