package dev.haulout.operator.instance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.haulout.crd.MariaDBInstanceStatus;
import java.util.Optional;

/** The difference between two statuses as a JSON merge patch (RFC 7396): only what changed is ever written. */
final class StatusPatch {
    private static final ObjectMapper JSON = new ObjectMapper();

    private StatusPatch() {}

    /**
     * The difference.
     *
     * @param resourceVersion of the resource as it was read: the patch is refused when it has changed since
     * @return empty when nothing changed
     */
    static Optional<String> of(MariaDBInstanceStatus before, MariaDBInstanceStatus after, String resourceVersion) {
        ObjectNode difference = difference(JSON.valueToTree(before), JSON.valueToTree(after));
        if (difference.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode patch = JSON.createObjectNode();
        patch.putObject("metadata").put("resourceVersion", resourceVersion);
        patch.set("status", difference);
        return Optional.of(patch.toString());
    }

    private static ObjectNode difference(JsonNode before, JsonNode after) {
        ObjectNode difference = JSON.createObjectNode();
        before.fieldNames().forEachRemaining(name -> {
            if (!after.has(name)) {
                difference.putNull(name);
            }
        });
        after.properties().forEach(field -> {
            JsonNode old = before.get(field.getKey());
            JsonNode now = field.getValue();
            if (old != null && old.isObject() && now.isObject()) {
                ObjectNode inner = difference(old, now);
                if (!inner.isEmpty()) {
                    difference.set(field.getKey(), inner);
                }
            } else if (!now.equals(old)) {
                difference.set(field.getKey(), now);
            }
        });
        return difference;
    }
}
