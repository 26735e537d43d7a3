package dev.haulout.crd.manifest;

import dev.haulout.crd.PasswordSecret;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Checks one document against its schema, finds every fault, and keeps what is sound with the defaults added. */
final class SchemaCheck {
    private static final String HIDDEN = "(hidden)";

    private final Path file;
    private final Document.Kind kind;
    private final Schema.Fields schema;
    private final List<Fault> faults;
    private final Map<String, Integer> lines = new HashMap<>();
    private final Set<String> faulty = new HashSet<>();

    private SchemaCheck(Path file, Document.Kind kind, Schema.Fields schema, List<Fault> faults) {
        this.file = file;
        this.kind = kind;
        this.schema = schema;
        this.faults = faults;
    }

    /**
     * Checks a document.
     *
     * @param faults where its faults are added
     * @return what is sound of it
     */
    static Document check(Path file, Document.Kind kind, Schema.Fields schema, MappingNode node, List<Fault> faults) {
        SchemaCheck check = new SchemaCheck(file, kind, schema, faults);
        int line = KubernetesYaml.line(node);
        return new Document(file, line, kind, check.fields(node, schema, "", line), check.lines);
    }

    /** The value without what is at fault in it; empty when nothing is left. */
    private Optional<Object> value(Node node, Schema expected, String path, int line) {
        lines.put(path, line);
        return switch (expected) {
            case Schema.Anything ignored -> Optional.empty();
            case Schema.Fields fields
            when node instanceof MappingNode map -> Optional.of(fields(map, fields, path, line));
            case Schema.Entries entries
            when node instanceof MappingNode map -> Optional.of(entries(map, entries, path, line));
            case Schema.Items items
            when node instanceof SequenceNode list -> Optional.of(items(list, items, path, line));
            case Schema.Text text
            when node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR) -> text(scalar, text, path, line);
            case Schema.Flag ignored
            when node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL) ->
                Optional.of(scalar.getValue().toLowerCase(Locale.ROOT).matches("y|yes|true|on"));
            case Schema.WholeNumber number
            when node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.INT) ->
                wholeNumber(scalar, number, path, line);
            case Schema.Quantity ignored
            when node instanceof ScalarNode scalar
                    && List.of(Tag.STR, Tag.INT, Tag.FLOAT).contains(scalar.getTag()) -> Optional.of(scalar.getValue());
            case Schema.Fields fields ->
                wrong(node, path, line, "not a mapping", "write its fields below it: " + names(fields));
            case Schema.Entries ignored ->
                wrong(node, path, line, "not a mapping", "write \"name: value\" lines below it");
            case Schema.Items ignored ->
                wrong(node, path, line, "not a list", "write one line beginning with \"- \" for each item below it");
            case Schema.Text text -> wrong(node, path, line, "not text but " + describe(node), textRemedy(node, text));
            case Schema.WholeNumber number ->
                wrong(node, path, line, "not a whole number", "write a number " + range(number));
            case Schema.Quantity ignored -> wrong(node, path, line, "not an amount", "write for example 1Gi or 500m");
            case Schema.Flag ignored -> wrong(node, path, line, "neither true nor false", "write true or false");
        };
    }

    private Map<String, Object> fields(MappingNode node, Schema.Fields expected, String path, int line) {
        Map<String, Object> values = new LinkedHashMap<>();
        Set<String> present = new HashSet<>();
        entriesOf(node, path).forEach((name, tuple) -> {
            Schema field = expected.fields().get(name);
            int fieldLine = KubernetesYaml.line(tuple.getKeyNode());
            if (field == null) {
                unknown(name, expected, path, fieldLine);
            } else if (!tuple.getValueNode().getTag().equals(Tag.NULL)) {
                present.add(name);
                value(tuple.getValueNode(), field, join(path, name), fieldLine).ifPresent(v -> values.put(name, v));
            }
        });
        expected.required().stream()
                .filter(name -> !present.contains(name))
                .forEach(name -> add(line, join(path, name), "", "missing", "add it"));
        expected.fields().forEach((name, field) -> {
            if (!present.contains(name)) {
                withDefault(field).ifPresent(v -> values.put(name, v));
            }
        });
        expected.rules().forEach(rule -> follow(rule, values, path, line));
        return values;
    }

    private Map<String, Object> entries(MappingNode node, Schema.Entries expected, String path, int line) {
        Map<String, Object> values = new LinkedHashMap<>();
        if (node.getValue().size() > expected.max()) {
            add(line, path, "", node.getValue().size() + " entries", "keep at most " + expected.max());
        }
        entriesOf(node, path)
                .forEach((name, tuple) -> value(
                                tuple.getValueNode(),
                                expected.value(),
                                join(path, shownName(name)),
                                KubernetesYaml.line(tuple.getKeyNode()))
                        .ifPresent(v -> values.put(name, v)));
        return values;
    }

    private List<Object> items(SequenceNode node, Schema.Items expected, String path, int line) {
        List<Node> nodes = node.getValue();
        if (nodes.size() > expected.max()) {
            add(line, path, "", nodes.size() + " items", "keep at most " + expected.max());
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Node item = nodes.get(i);
            value(item, expected.item(), path + "[" + i + "]", KubernetesYaml.line(item))
                    .ifPresent(values::add);
        }
        return values;
    }

    private Optional<Object> text(ScalarNode node, Schema.Text expected, String path, int line) {
        String text = node.getValue();
        int length = text.codePointCount(0, text.length());
        int before = faults.size();
        if (!expected.allowed().isEmpty() && !expected.allowed().contains(text)) {
            add(
                    line,
                    path,
                    shown(node, path),
                    "not one of the words allowed",
                    Likeness.nearest(text, expected.allowed())
                            .map(meant -> "did you mean " + meant + "?")
                            .orElse(choice(expected)));
        } else if (length > expected.max()) {
            add(line, path, shown(node, path), length + " characters", "use at most " + expected.max());
        } else if (length < expected.min()
                || !expected.form().map(form -> form.admits(text)).orElse(true)) {
            String problem = text.isEmpty()
                    ? "empty"
                    : expected.form().map(TextForm::problem).orElse("too short");
            String remedy =
                    expected.form().map(TextForm::remedy).orElse("use at least " + expected.min() + " characters");
            add(line, path, shown(node, path), problem, remedy);
        }
        return faults.size() == before ? Optional.of(text) : Optional.empty();
    }

    private Optional<Object> wholeNumber(ScalarNode node, Schema.WholeNumber expected, String path, int line) {
        try {
            int number = Integer.parseInt(node.getValue());
            if (number >= expected.min() && number <= expected.max()) {
                return Optional.of(number);
            }
        } catch (NumberFormatException e) {
            // one of another notation, or far out of bounds; told below
        }
        return wrong(node, path, line, "out of bounds", "write a number " + range(expected));
    }

    private static String range(Schema.WholeNumber number) {
        return "from " + number.min() + " to " + number.max();
    }

    /** A mapping's entries by name, without those that repeat a name. */
    private Map<String, NodeTuple> entriesOf(MappingNode node, String path) {
        Map<String, NodeTuple> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            int line = KubernetesYaml.line(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                add(line, path, "", "the name of a field is not text", "write it as \"name: value\"");
                continue;
            }
            NodeTuple first = entries.putIfAbsent(key.getValue(), tuple);
            if (first != null) {
                add(
                        line,
                        join(path, shownName(key.getValue())),
                        "",
                        "given twice",
                        "keep either this or the one on line " + KubernetesYaml.line(first.getKeyNode()));
            }
        }
        return entries;
    }

    private void unknown(String name, Schema.Fields expected, String path, int line) {
        String remedy = Likeness.nearest(name, expected.fields().keySet())
                .map(meant -> "did you mean " + meant + "?")
                .or(() -> elsewhere(name, schema, "").map(place -> "did you mean " + place + "?"))
                .orElseGet(() -> "remove it, or use one of: " + names(expected));
        add(line, join(path, shownName(name)), "", "no such field", remedy);
    }

    /** The fields a person may write, without those that only the API server fills in. */
    private static String names(Schema.Fields schema) {
        return schema.fields().entrySet().stream()
                .filter(field -> !(field.getValue() instanceof Schema.Anything))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
    }

    /** The path of a field of that name anywhere in the document. */
    private static Optional<String> elsewhere(String name, Schema.Fields within, String path) {
        for (Map.Entry<String, Schema> field : within.fields().entrySet()) {
            String fieldPath = join(path, field.getKey());
            Optional<String> found = Likeness.same(name, field.getKey())
                    ? Optional.of(fieldPath)
                    : field.getValue() instanceof Schema.Fields inner
                            ? elsewhere(name, inner, fieldPath)
                            : Optional.empty();
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private void follow(Schema.Rule rule, Map<String, Object> self, String path, int line) {
        List<String> reads = rule.twin().reads();
        boolean askable = reads.stream().noneMatch(field -> isFaulty(join(path, field)));
        if (!askable || rule.twin().holds(self)) {
            return;
        }
        String blamed =
                rule.fieldPath().isEmpty() ? reads.getFirst() : rule.fieldPath().substring(1);
        int semicolon = rule.message().indexOf("; ");
        faults.add(new Fault(
                file,
                lines.getOrDefault(join(path, blamed), line),
                join(path, blamed),
                textAt(self, blamed),
                rule.message().substring(0, semicolon),
                rule.message().substring(semicolon + 2)));
    }

    private static String textAt(Object value, String path) {
        Object at = value;
        for (String field : path.split("\\.", -1)) {
            at = at instanceof Map<?, ?> map ? map.get(field) : null;
        }
        return at instanceof String text ? text : "";
    }

    /** Whether a field or one it lies in was found at fault. */
    private boolean isFaulty(String path) {
        int dot = path.lastIndexOf('.');
        return faulty.contains(path) || (dot > 0 && isFaulty(path.substring(0, dot)));
    }

    private static Optional<Object> withDefault(Schema schema) {
        return schema.defaultValue().map(value -> {
            if (!(schema instanceof Schema.Fields fields) || !(value instanceof Map<?, ?> given)) {
                return value;
            }
            Map<String, Object> values = new LinkedHashMap<>();
            given.forEach((name, v) -> values.put(name.toString(), v));
            fields.fields().forEach((name, field) -> withDefault(field).ifPresent(v -> values.putIfAbsent(name, v)));
            return values;
        });
    }

    private Optional<Object> wrong(Node node, String path, int line, String problem, String remedy) {
        add(line, path, shown(node, path), problem, remedy);
        return Optional.empty();
    }

    private void add(int line, String path, String value, String problem, String remedy) {
        faulty.add(path);
        faults.add(new Fault(file, line, path, value, problem, remedy));
    }

    private static String describe(Node node) {
        if (!(node instanceof ScalarNode)) {
            return node instanceof SequenceNode ? "a list" : "a mapping";
        }
        Tag tag = node.getTag();
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            return "a number";
        }
        if (tag.equals(Tag.BOOL)) {
            return "true or false";
        }
        return tag.equals(Tag.NULL) ? "nothing" : "a tagged value";
    }

    private static String textRemedy(Node node, Schema.Text expected) {
        if (!(node instanceof ScalarNode scalar) || node.getTag().equals(Tag.NULL)) {
            return "write text there, or leave it out";
        }
        if (!expected.allowed().isEmpty()) {
            return choice(expected);
        }
        return expected.form()
                .filter(form -> !form.admits(scalar.getValue()))
                .map(TextForm::remedy)
                .orElse("put it in quotes");
    }

    private static String choice(Schema.Text expected) {
        return "write one of: " + String.join(", ", expected.allowed());
    }

    private String shown(Node node, String path) {
        boolean inSecret = kind == Document.Kind.SECRET && !path.startsWith("metadata");
        // Who misreads passwordSecret may have written the password itself
        if (inSecret || path.endsWith("passwordSecret")) {
            return HIDDEN;
        }
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    /** A name as the file has it; in a Secret, what cannot be a key may be a password that lost its space or colon. */
    private String shownName(String name) {
        boolean safe = kind != Document.Kind.SECRET || name.matches(PasswordSecret.KEY_PATTERN);
        return safe ? name : HIDDEN;
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
