package dev.haulout.crd.manifest;

import java.util.Map;
import java.util.Optional;

/** The fields of a schema as a table, and its rules as a list, in Markdown. */
final class FieldTable {
    private final StringBuilder table = new StringBuilder();
    private final StringBuilder rules = new StringBuilder();

    private FieldTable() {}

    static String of(Schema.Fields document) {
        FieldTable table = new FieldTable();
        document.rules().forEach(table::rule);
        table.rows((Schema.Fields) document.fields().get("spec"), "spec");
        return "| field | type | default | meaning |\n|---|---|---|---|\n" + table.table
                + "\nRefused, besides values out of their bounds (in the words of the error):\n\n" + table.rules;
    }

    private void rows(Schema.Fields fields, String path) {
        fields.rules().forEach(this::rule);
        for (Map.Entry<String, Schema> field : fields.fields().entrySet()) {
            String name = path + "." + field.getKey();
            Schema schema = field.getValue();
            String fallback = schema.defaultValue()
                    .filter(String.class::isInstance)
                    .map(value -> "`" + value + "`")
                    .orElse(fields.required().contains(field.getKey()) ? "required" : "");
            table.append("| `%s` | %s | %s | %s |%n".formatted(name, type(schema), fallback, schema.description()));
            if (schema instanceof Schema.Fields inner) {
                rows(inner, name);
            } else if (schema instanceof Schema.Items items && items.item() instanceof Schema.Fields inner) {
                rows(inner, name + "[]");
            }
        }
    }

    private void rule(Schema.Rule rule) {
        rules.append("- ").append(rule.message()).append("\n");
    }

    private static String type(Schema schema) {
        return switch (schema) {
            case Schema.Fields ignored -> "mapping";
            case Schema.Entries entries -> "mapping of at most " + entries.max() + ": " + type(entries.value());
            case Schema.Items items -> "list of at most " + items.max() + ": " + type(items.item());
            case Schema.WholeNumber number -> number.min() + " to " + number.max();
            case Schema.Quantity ignored -> "amount";
            case Schema.Flag ignored -> "true or false";
            case Schema.Anything ignored -> "anything";
            case Schema.Text text when !text.allowed().isEmpty() -> "`" + String.join("` or `", text.allowed()) + "`";
            case Schema.Text text -> text(text);
        };
    }

    private static String text(Schema.Text text) {
        String what = text.form().map(FieldTable::name).orElse("text");
        return text.form().equals(Optional.of(TextForm.DURATION))
                ? what
                : what + ", at most " + text.max() + " characters";
    }

    private static String name(TextForm form) {
        return switch (form) {
            case DURATION -> "duration";
            case LISTEN_ADDRESS -> "address";
            case IMAGE_TAG -> "tag of an image";
            case IMAGE -> "image";
            case ABSOLUTE_PATH -> "absolute path";
            case SQL_NAME, RESOURCE_NAME, NAMESPACE, OS_USER -> "name";
            case SECRET_KEY -> "key";
            case KEEP_ALIVE -> "statement";
            case CERTIFICATES -> "PEM";
            case CRON -> "cron";
            case UNSATISFIABLE -> "word";
            case TIME_ZONE -> "time zone";
        };
    }
}
