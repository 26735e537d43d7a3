package dev.haulout.crd.manifest;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * One document of a file, after the check against its schema: what was at fault in it is left out.
 *
 * @param file the file
 * @param line the line it begins on, from 1
 * @param kind what it describes
 * @param content its fields, defaults applied
 * @param lines the line of each of its fields by path
 */
record Document(Path file, int line, Kind kind, Map<String, Object> content, Map<String, Integer> lines) {
    /** What a manifest folder reads. */
    enum Kind {
        INSTANCE("MariaDBInstance", "haulout.dev/v1alpha1"),
        SECRET("Secret", "v1");

        private final String kindName;
        private final String apiVersion;

        Kind(String kindName, String apiVersion) {
            this.kindName = kindName;
            this.apiVersion = apiVersion;
        }

        String kindName() {
            return kindName;
        }

        String apiVersion() {
            return apiVersion;
        }
    }

    /** Namespace and name; empty when one of them is missing or at fault. */
    Optional<String> id() {
        Object namespace = at("metadata", "namespace").orElse("");
        Object name = at("metadata", "name").orElse("");
        return "".equals(name) || "".equals(namespace) ? Optional.empty() : Optional.of(namespace + "/" + name);
    }

    /** The value of a field; empty when it is absent or was at fault. */
    Optional<Object> at(String... fields) {
        Object value = content;
        for (String field : fields) {
            value = value instanceof Map<?, ?> map ? map.get(field) : null;
        }
        return Optional.ofNullable(value);
    }

    /** A fault in one of its fields. */
    Fault fault(String path, String value, String problem, String remedy) {
        String known = path;
        while (!lines.containsKey(known) && known.contains(".")) {
            known = known.substring(0, known.lastIndexOf('.'));
        }
        return new Fault(file, lines.getOrDefault(known, line), path, value, problem, remedy);
    }

    /** Where it stands, for another document's fault. */
    String place() {
        return file.getFileName() + ":" + line;
    }
}
