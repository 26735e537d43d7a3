package dev.haulout.crd.manifest;

import dev.haulout.crd.MariaDBInstance;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Reads {@link Schema schemas} out of the CRD on the class path, the one the API server checks by. A keyword or type it
 * does not know is an error, so that nothing enters the CRD that a single host would not check.
 */
final class SchemaReader {
    /** Where the build puts the generated CRD. */
    static final String CRD = "/META-INF/fabric8/mariadbinstances.haulout.dev-v1.yml";

    private static final String ANYTHING = "x-kubernetes-preserve-unknown-fields";
    private static final String CORE = "core-v1.yml";

    private SchemaReader() {}

    /** The schema of a whole {@code MariaDBInstance} document. */
    static Schema.Fields instance() {
        Map<String, Object> spec = map(load(CRD).get("spec"));
        Map<String, Object> version = map(list(spec.get("versions")).getFirst());
        return document(map(map(version.get("schema")).get("openAPIV3Schema")));
    }

    /** The schema of a whole {@code Secret} document. */
    static Schema.Fields secret() {
        return document(map(load(CORE).get("secret")));
    }

    /** Adds what every document has: a CRD's own schema leaves out {@code metadata} and its like. */
    private static Schema.Fields document(Map<String, Object> json) {
        Map<String, Object> written = new LinkedHashMap<>(json);
        Map<String, Object> fieldsOfIt = new LinkedHashMap<>(map(json.get("properties")));
        // what the cluster reports is not read here
        fieldsOfIt.computeIfPresent("status", (name, status) -> Map.of(ANYTHING, true));
        written.put("properties", fieldsOfIt);
        Schema.Fields own = (Schema.Fields) schema(written);
        Schema.Fields common = (Schema.Fields) schema(map(load(CORE).get("object")));
        SortedMap<String, Schema> fields = new TreeMap<>(common.fields());
        fields.putAll(own.fields());
        return new Schema.Fields(own.description(), own.defaultValue(), fields, common.required(), own.rules());
    }

    private static Schema schema(Map<String, Object> json) {
        Map<String, Object> rest = new LinkedHashMap<>(json);
        String description = Optional.ofNullable(rest.remove("description"))
                .map(String::valueOf)
                .orElse("");
        Optional<Object> defaultValue = Optional.ofNullable(rest.remove("default"));
        String type = (String) rest.remove("type");
        Schema schema = switch (type) {
            case null -> anything(rest, description, defaultValue);
            case "object" -> object(rest, description, defaultValue);
            case "array" ->
                new Schema.Items(
                        description,
                        defaultValue,
                        schema(map(rest.remove("items"))),
                        number(rest.remove("maxItems"), Integer.MAX_VALUE));
            case "string" -> text(rest, description, defaultValue);
            case "integer" ->
                new Schema.WholeNumber(
                        description,
                        defaultValue,
                        number(rest.remove("minimum"), Integer.MIN_VALUE),
                        number(rest.remove("maximum"), Integer.MAX_VALUE));
            case "boolean" -> new Schema.Flag(description, defaultValue);
            default -> throw new IllegalStateException("no check is known for values of type " + type);
        };
        if (!rest.isEmpty()) {
            throw new IllegalStateException("no check is known for the schema keywords " + rest.keySet());
        }
        return schema;
    }

    private static Schema object(Map<String, Object> rest, String description, Optional<Object> defaultValue) {
        if (rest.containsKey(ANYTHING)) {
            return anything(rest, description, defaultValue);
        }
        return rest.containsKey("additionalProperties")
                ? new Schema.Entries(
                        description,
                        defaultValue,
                        schema(map(rest.remove("additionalProperties"))),
                        number(rest.remove("maxProperties"), Integer.MAX_VALUE))
                : fields(rest, description, defaultValue);
    }

    private static Schema anything(Map<String, Object> rest, String description, Optional<Object> defaultValue) {
        if (Boolean.TRUE.equals(rest.remove("x-kubernetes-int-or-string"))) {
            rest.remove("anyOf");
            return new Schema.Quantity(description, defaultValue);
        }
        if (!Boolean.TRUE.equals(rest.remove(ANYTHING))) {
            throw new IllegalStateException("a schema without a type: " + description);
        }
        return new Schema.Anything(description, defaultValue);
    }

    private static Schema.Fields fields(Map<String, Object> rest, String description, Optional<Object> defaultValue) {
        SortedMap<String, Schema> fields = new TreeMap<>();
        map(rest.remove("properties")).forEach((name, field) -> fields.put(name, schema(map(field))));
        List<Schema.Rule> rules = list(rest.remove("x-kubernetes-validations")).stream()
                .map(SchemaReader::rule)
                .toList();
        return new Schema.Fields(description, defaultValue, fields, Set.copyOf(texts(rest.remove("required"))), rules);
    }

    private static Schema.Rule rule(Object json) {
        Map<String, Object> rest = new LinkedHashMap<>(map(json));
        CrossFieldRule twin = CrossFieldRule.ofCel(rest.remove("rule").toString());
        String fieldPath = Optional.ofNullable(rest.remove("fieldPath"))
                .map(String::valueOf)
                .orElse("");
        Schema.Rule rule =
                new Schema.Rule(twin, fieldPath, rest.remove("message").toString());
        if (!rest.isEmpty()) {
            throw new IllegalStateException("no check is known for the rule keywords " + rest.keySet());
        }
        return rule;
    }

    private static Schema.Text text(Map<String, Object> rest, String description, Optional<Object> defaultValue) {
        return new Schema.Text(
                description,
                defaultValue,
                number(rest.remove("minLength"), 0),
                number(rest.remove("maxLength"), Integer.MAX_VALUE),
                Optional.ofNullable(rest.remove("pattern"))
                        .map(Object::toString)
                        .map(TextForm::ofPattern),
                texts(rest.remove("enum")));
    }

    private static int number(Object value, int absent) {
        return value == null ? absent : ((Number) value).intValue();
    }

    private static List<String> texts(Object value) {
        return list(value).stream().map(Object::toString).toList();
    }

    private static List<?> list(Object value) {
        return value == null ? List.of() : (List<?>) value;
    }

    @SuppressWarnings("unchecked") // the keys of a schema are text, as JSON has no others
    private static Map<String, Object> map(Object value) {
        return value == null ? Map.of() : (Map<String, Object>) value;
    }

    private static Map<String, Object> load(String resource) {
        try (InputStream in = SchemaReader.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the class path lacks " + resource + " for "
                        + MariaDBInstance.class.getSimpleName() + "; build the module crds");
            }
            return map(new Load(LoadSettings.builder().build()).loadFromInputStream(in));
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + resource + " from the class path", e);
        }
    }
}
