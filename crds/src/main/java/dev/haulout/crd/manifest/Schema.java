package dev.haulout.crd.manifest;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/** What a value in a manifest may be: the part of OpenAPI that our CRD uses, one record for each type of value. */
sealed interface Schema {
    /** What the field is for; empty where the schema says nothing. */
    String description();

    /** The value the field takes when it is absent, as {@code Map}, {@code List} or {@code String}. */
    Optional<Object> defaultValue();

    /** A mapping with fields of its own. {@code rules} are the CEL rules that stand on it. */
    record Fields(
            String description,
            Optional<Object> defaultValue,
            SortedMap<String, Schema> fields,
            Set<String> required,
            List<Rule> rules)
            implements Schema {}

    /** A mapping from any text to values of one schema, of at most {@code max} entries. */
    record Entries(String description, Optional<Object> defaultValue, Schema value, int max) implements Schema {}

    /** A list of at most {@code max} items. */
    record Items(String description, Optional<Object> defaultValue, Schema item, int max) implements Schema {}

    /** Text of {@code min} to {@code max} characters, of a form or out of a set of words where those are given. */
    record Text(
            String description,
            Optional<Object> defaultValue,
            int min,
            int max,
            Optional<TextForm> form,
            List<String> allowed)
            implements Schema {}

    /** True or false. */
    record Flag(String description, Optional<Object> defaultValue) implements Schema {}

    /** A whole number from {@code min} to {@code max}. */
    record WholeNumber(String description, Optional<Object> defaultValue, int min, int max) implements Schema {}

    /** An amount as Kubernetes writes it: a number, or text such as {@code 1Gi}. */
    record Quantity(String description, Optional<Object> defaultValue) implements Schema {}

    /** Anything at all; it is not looked at. */
    record Anything(String description, Optional<Object> defaultValue) implements Schema {}

    /**
     * A CEL rule.
     *
     * @param twin the same in Java
     * @param fieldPath the field it blames, relative to where the rule stands, such as {@code .user}; may be empty
     * @param message what the API server says: problem and remedy, with "; " between them
     */
    record Rule(CrossFieldRule twin, String fieldPath, String message) {}
}
