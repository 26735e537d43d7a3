package dev.haulout.operator.desired;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** Secrets that hold text. */
final class SecretText {
    static final String OPAQUE = "Opaque";
    static final String TLS = "kubernetes.io/tls";

    private SecretText() {}

    /** In {@code data}, not {@code stringData}: the API keeps only that, so only that can be compared. */
    static Secret secret(ObjectMeta meta, String type, Map<String, String> texts) {
        Map<String, String> data = new TreeMap<>();
        texts.forEach((key, text) ->
                data.put(key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
        return new SecretBuilder()
                .withMetadata(meta)
                .withType(type)
                .withData(data)
                .build();
    }
}
