package dev.haulout.crd.manifest;

import dev.haulout.crd.PasswordSecret;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Secrets of a folder, and the passwords that instances look up in them. */
final class Secrets {
    private final Map<String, Document> byId = new HashMap<>();
    private final boolean complete;
    private final List<Fault> faults;

    /**
     * Checks what the schema of a Secret does not say: names of keys, and base64.
     *
     * @param documents the folder's documents; those that are no Secrets are passed over
     * @param complete false when some file could not be read to its end: no Secret then counts as missing
     * @param faults where faults are added
     */
    Secrets(List<Document> documents, boolean complete, List<Fault> faults) {
        this.complete = complete;
        this.faults = faults;
        for (Document document : documents) {
            if (document.kind() == Document.Kind.SECRET) {
                entries(document, "stringData").keySet().forEach(key -> named(document, "stringData", key));
                entries(document, "data").forEach((key, value) -> {
                    if (named(document, "data", key) && decode(value).isEmpty()) {
                        faults.add(document.fault(
                                "data." + key,
                                "(hidden)",
                                "not base64",
                                "encode it, or write it as it is below stringData instead of data"));
                    }
                });
                document.id().ifPresent(id -> byId.putIfAbsent(id, document));
            }
        }
    }

    /** The password an instance names; empty when it names none, or the one it names is at fault. */
    Optional<Password> password(Document instance) {
        Optional<Object> name = instance.at("spec", "passwordSecret", "name");
        Optional<Object> key = instance.at("spec", "passwordSecret", "key");
        Optional<Object> namespace = instance.at("metadata", "namespace");
        if (name.isEmpty() || key.isEmpty() || namespace.isEmpty()) {
            return Optional.empty();
        }
        Document secret = byId.get(namespace.get() + "/" + name.get());
        if (secret != null) {
            return password(instance, secret, key.get().toString());
        }
        if (complete) {
            faults.add(instance.fault(
                    "spec.passwordSecret.name",
                    name.get().toString(),
                    "no such Secret in namespace " + namespace.get(),
                    "add it to the folder, with that name and namespace"));
        }
        return Optional.empty();
    }

    private Optional<Password> password(Document instance, Document secret, String key) {
        String written = entries(secret, "stringData").get(key);
        String encoded = entries(secret, "data").get(key);
        if (written == null && encoded == null) {
            boolean atFault = isAtFault(secret, "stringData", key) || isAtFault(secret, "data", key);
            if (!atFault) {
                wrongKey(instance, key, "no such key in the Secret at " + secret.place(), "add it below stringData");
            }
            return Optional.empty();
        }
        Optional<byte[]> bytes =
                written != null ? Optional.of(written.getBytes(StandardCharsets.UTF_8)) : decode(encoded);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        Optional<String> text = text(bytes.get());
        if (text.isEmpty()) {
            wrongKey(instance, key, "this key holds no text", "store the password as UTF-8");
            return Optional.empty();
        }
        if (text.get().isEmpty()) {
            wrongKey(
                    instance,
                    key,
                    "this key is empty",
                    "store a password in it, or remove spec.passwordSecret to have one generated");
            return Optional.empty();
        }
        return text.map(Password::new);
    }

    /** Whether the key, or all that it should be among, was found faulty before and so is missing here. */
    private static boolean isAtFault(Document secret, String field, String key) {
        boolean whole = secret.lines().containsKey(field) && secret.at(field).isEmpty();
        return whole || secret.lines().containsKey(field + "." + key);
    }

    private void wrongKey(Document instance, String key, String problem, String remedy) {
        faults.add(instance.fault("spec.passwordSecret.key", key, problem, remedy));
    }

    private boolean named(Document secret, String field, String key) {
        boolean named = key.matches(PasswordSecret.KEY_PATTERN);
        if (!named) {
            faults.add(secret.fault(
                    field + ".(hidden)",
                    "",
                    TextForm.SECRET_KEY.problem(),
                    TextForm.SECRET_KEY.remedy() + ", and a space after the ':'"));
        }
        return named;
    }

    @SuppressWarnings("unchecked") // the schema of a Secret lets nothing but text through
    private static Map<String, String> entries(Document secret, String field) {
        return secret.at(field).map(entries -> (Map<String, String>) entries).orElse(Map.of());
    }

    /** As the API server decodes: line breaks do not count, padding may not be left out. */
    private static Optional<byte[]> decode(String text) {
        String joined = text.replaceAll("[\r\n]", "");
        if (joined.length() % 4 != 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(Base64.getDecoder().decode(joined));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> text(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
