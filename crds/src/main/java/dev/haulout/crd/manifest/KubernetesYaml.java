package dev.haulout.crd.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * YAML as {@code kubectl} understands it: unquoted words such as {@code yes} and {@code off} are true or false, {@code
 * 0x10} and {@code 1_000} are numbers. What would fail there must not pass as text here.
 */
final class KubernetesYaml {
    private static final LoadSettings SETTINGS =
            LoadSettings.builder().setSchema(new Words()).build();

    private static final int DEEPEST = 100;

    private KubernetesYaml() {}

    /**
     * The documents of a file.
     *
     * @param documents those before the first syntax error, in order; empty documents are left out
     * @param broken the syntax error, where there is one
     */
    record Documents(List<Node> documents, Optional<Broken> broken) {}

    /**
     * Why a file is not YAML. Made of our own words alone: the parser's own message quotes the file, which may be a
     * Secret.
     */
    record Broken(int line, String problem, String remedy) {}

    static Documents read(String text) {
        List<Node> documents = new ArrayList<>();
        try {
            Composer composer = new Composer(SETTINGS, new ShallowParser(text));
            while (composer.hasNext()) {
                Node document = composer.next();
                if (!document.getTag().equals(Tag.NULL)) {
                    documents.add(document);
                }
            }
            return new Documents(documents, Optional.empty());
        } catch (MarkedYamlEngineException e) {
            String said = String.valueOf(e.getProblem());
            // What is never closed is noticed far below, so where it began says more
            boolean unclosed = said.contains("could not find expected") || said.contains("end of");
            Optional<Mark> mark = unclosed ? e.getContextMark().or(e::getProblemMark) : e.getProblemMark();
            int line = mark.map(at -> at.getLine() + 1).orElse(0);
            return new Documents(documents, Optional.of(broken(line, said)));
        } catch (YamlEngineException e) {
            return new Documents(documents, Optional.of(broken(0, String.valueOf(e.getMessage()))));
        }
    }

    /** Refuses what is nested so deeply that composing it, which goes by recursion, could end the thread. */
    private static final class ShallowParser extends ParserImpl {
        private int depth;

        ShallowParser(String text) {
            super(SETTINGS, new StreamReader(SETTINGS, text));
        }

        @Override
        public Event next() {
            Event event = super.next();
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                case Alias, Comment, DocumentEnd, DocumentStart, Scalar, StreamEnd, StreamStart -> {}
            }
            if (depth > DEEPEST) {
                throw new YamlEngineException("exceeds the depth of " + DEEPEST);
            }
            return event;
        }
    }

    /** The line a node begins on, from 1. */
    static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private static Broken broken(int line, String said) {
        if (said.contains("exceeds the")) {
            return new Broken(
                    line,
                    "larger, deeper or more entangled than a manifest can be",
                    "split it into several files, without aliases");
        }
        if (said.contains("alias")) {
            return new Broken(line, "an alias (*) without its anchor (&)", "put a value that begins with * in quotes");
        }
        if (said.contains("cannot start any token") || said.contains("\\t")) {
            return new Broken(
                    line,
                    "a character no value can begin with",
                    "put the value in quotes, and indent with spaces, not tabs");
        }
        if (said.contains("mapping values are not allowed")) {
            return new Broken(
                    line,
                    "a ':' where no field can begin",
                    "indent fields of one level alike, and put a value that contains ': ' in quotes");
        }
        if (said.contains("could not find expected ':'")) {
            return new Broken(line, "a field without ':'", "write \"name: value\", with a space after the ':'");
        }
        if (said.contains("escape")) {
            return new Broken(line, "an escape that does not exist", "put a value with a backslash in single quotes");
        }
        if (said.contains("unexpected end of stream") || said.contains("stream end")) {
            return new Broken(line, "the file ends within a value", "close the open quote, bracket or brace");
        }
        if (said.contains("special characters")) {
            return new Broken(line, "a control character", "remove it, or write it as an escape in double quotes");
        }
        return new Broken(line, "not valid YAML", "check indentation, quotes and brackets around this line");
    }

    /** Which unquoted words are not text. */
    private static final class Words implements ScalarResolver, org.snakeyaml.engine.v2.schema.Schema {
        private static final Pattern NOTHING = Pattern.compile("|~|null|Null|NULL");
        private static final Pattern TRUTH = Pattern.compile(
                "[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|" + "on|On|ON|off|Off|OFF");
        private static final Pattern WHOLE = Pattern.compile("[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)");
        private static final Pattern BROKEN = Pattern.compile(
                "[-+]?(\\.[0-9][0-9_]*|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

        @Override
        public Tag resolve(String value, Boolean plain) {
            if (!plain) {
                return Tag.STR;
            }
            if (NOTHING.matcher(value).matches()) {
                return Tag.NULL;
            }
            if (TRUTH.matcher(value).matches()) {
                return Tag.BOOL;
            }
            if (WHOLE.matcher(value).matches()) {
                return Tag.INT;
            }
            return BROKEN.matcher(value).matches() ? Tag.FLOAT : Tag.STR;
        }

        @Override
        public ScalarResolver getScalarResolver() {
            return this;
        }

        @Override
        public Map<Tag, ConstructNode> getSchemaTagConstructors() {
            return Map.of();
        }
    }
}
