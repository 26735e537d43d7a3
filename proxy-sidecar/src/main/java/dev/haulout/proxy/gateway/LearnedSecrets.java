package dev.haulout.proxy.gateway;

import dev.haulout.proxy.wake.Learned;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What the operator has learnt of all instances' servers, as it lies in Secrets. Kept as the API tells it; what is alike
 * (nearly all of what servers of one version greet with) is kept once.
 */
final class LearnedSecrets {
    private static final String PREFIX = "haulout-learned-";
    private static final String TOKEN = "announce-token";

    private final Map<String, Map<String, String>> byUid = new ConcurrentHashMap<>();
    private final Map<String, String> alike = new ConcurrentHashMap<>();

    /** Takes a Secret as it is now. Returns the instance's UID; empty when it is of none. */
    Optional<String> seen(Secret secret) {
        Optional<String> uid = uid(secret.getMetadata().getName());
        uid.ifPresent(of -> {
            Map<String, String> content = new HashMap<>();
            if (secret.getData() != null) {
                secret.getData().forEach((name, text) -> content.put(name, shared(name, text)));
            }
            byUid.put(of, Map.copyOf(content));
        });
        return uid;
    }

    private String shared(String name, String text) {
        if (!name.equals(Learned.IDENTITY)) {
            return text;
        }
        String first = alike.putIfAbsent(text, text);
        return first == null ? text : first;
    }

    /** Forgets a Secret that is gone. */
    void gone(String secret) {
        uid(secret).ifPresent(byUid::remove);
        alike.keySet()
                .retainAll(byUid.values().stream()
                        .flatMap(content -> content.values().stream())
                        .collect(Collectors.toSet()));
    }

    private static Optional<String> uid(String secret) {
        return secret.startsWith(PREFIX) ? Optional.of(secret.substring(PREFIX.length())) : Optional.empty();
    }

    /** Whether the instance with that UID has one. */
    boolean knows(String uid) {
        return byUid.containsKey(uid);
    }

    /** What lies there under that name of the instance with that UID. */
    Optional<byte[]> read(String uid, String name) {
        return Optional.ofNullable(byUid.getOrDefault(uid, Map.of()).get(name)).map(Base64.getDecoder()::decode);
    }

    /** By what a pod of the instance with that UID shows that it is one. */
    Optional<byte[]> announceToken(String uid) {
        return read(uid, TOKEN).filter(token -> token.length > 0);
    }
}
