package dev.haulout.crd.manifest;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.haulout.crd.MariaDBInstance;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Reads a folder of manifests: every {@code MariaDBInstance} and the Secrets their passwords lie in, from the files
 * {@code *.yaml} and {@code *.yml} of the folder itself, in the order of their names, several documents to a file where
 * one likes. Files whose names begin with a dot are passed over.
 */
public final class ManifestFolder {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Schema.Fields INSTANCE = SchemaReader.instance();
    private static final Schema.Fields SECRET = SchemaReader.secret();

    private final List<Document> documents = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private boolean complete = true;

    private ManifestFolder() {}

    /**
     * Reads and checks a folder. Never throws for what it finds there: a folder or file that cannot be read is a fault
     * like any other.
     *
     * @param folder the folder
     * @return the instances, or everything that is wrong
     */
    public static Manifests read(Path folder) {
        ManifestFolder reader = new ManifestFolder();
        reader.files(folder).parallelStream().map(ManifestFolder::alone).forEachOrdered(reader::add);
        return reader.result();
    }

    private static ManifestFolder alone(Path file) {
        ManifestFolder reader = new ManifestFolder();
        reader.file(file);
        return reader;
    }

    private void add(ManifestFolder other) {
        documents.addAll(other.documents);
        faults.addAll(other.faults);
        complete &= other.complete;
    }

    private Manifests result() {
        Overlaps.find(documents, faults);
        Secrets secrets = new Secrets(documents, complete, faults);
        List<InstanceManifest> instances = new ArrayList<>();
        for (Document document : documents) {
            if (document.kind() == Document.Kind.INSTANCE) {
                Optional<Password> password = secrets.password(document);
                if (faults.isEmpty()) {
                    MariaDBInstance resource = JSON.convertValue(document.content(), MariaDBInstance.class);
                    instances.add(new InstanceManifest(document.file(), document.line(), resource, password));
                }
            }
        }
        if (faults.isEmpty()) {
            return new Manifests.Loaded(List.copyOf(instances));
        }
        faults.sort(
                Comparator.comparing(Fault::file).thenComparingInt(Fault::line).thenComparing(Fault::path));
        return new Manifests.Refused(List.copyOf(faults));
    }

    private List<Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            faults.add(
                    new Fault(folder, 0, "", "", "no such folder", "create it, or name the one the manifests are in"));
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(ManifestFolder::isManifest).sorted().toList();
        } catch (IOException e) {
            faults.add(unreadable(folder, e));
            return List.of();
        }
    }

    private static boolean isManifest(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && (name.endsWith(".yaml") || name.endsWith(".yml")) && !Files.isDirectory(file);
    }

    private void file(Path file) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            complete = false;
            faults.add(new Fault(file, 0, "", "", "not UTF-8", "save it in the encoding UTF-8"));
            return;
        } catch (IOException e) {
            complete = false;
            faults.add(unreadable(file, e));
            return;
        }
        KubernetesYaml.Documents read = KubernetesYaml.read(text);
        read.documents().forEach(node -> document(file, node));
        read.broken().ifPresent(broken -> {
            complete = false;
            faults.add(new Fault(file, broken.line(), "", "", broken.problem(), broken.remedy()));
        });
    }

    private static Fault unreadable(Path path, IOException reason) {
        String problem = reason instanceof AccessDeniedException
                ? "may not be read by this user"
                : "cannot be read: " + reason.getMessage();
        return new Fault(path, 0, "", "", problem, "make it readable for the user who runs this, or remove it");
    }

    private void document(Path file, Node node) {
        int line = KubernetesYaml.line(node);
        if (!(node instanceof MappingNode mapping)) {
            faults.add(new Fault(file, line, "", "", "not a manifest", "write apiVersion, kind, metadata and spec"));
            return;
        }
        Optional<ScalarNode> kindName = field(mapping, "kind");
        if (kindName.isEmpty()) {
            faults.add(new Fault(file, line, "kind", "", "missing", "add kind: MariaDBInstance"));
            return;
        }
        Optional<Document.Kind> kind = Arrays.stream(Document.Kind.values())
                .filter(known -> known.kindName().equals(kindName.get().getValue()))
                .findFirst();
        if (kind.isEmpty()) {
            faults.add(unknownKind(file, kindName.get()));
            return;
        }
        field(mapping, "apiVersion")
                .filter(version -> !version.getValue().equals(kind.get().apiVersion()))
                .ifPresent(version -> faults.add(new Fault(
                        file,
                        KubernetesYaml.line(version),
                        "apiVersion",
                        version.getValue(),
                        "not a version of " + kind.get().kindName() + " that is known here",
                        "write " + kind.get().apiVersion())));
        Schema.Fields schema = switch (kind.get()) {
            case INSTANCE -> INSTANCE;
            case SECRET -> SECRET;
        };
        documents.add(SchemaCheck.check(file, kind.get(), schema, mapping, faults));
    }

    private static Fault unknownKind(Path file, ScalarNode kind) {
        List<String> known = Arrays.stream(Document.Kind.values())
                .map(Document.Kind::kindName)
                .toList();
        String remedy = Likeness.nearest(kind.getValue(), known)
                .map(meant -> "did you mean " + meant + "?")
                .orElse("keep only " + String.join(" and ", known) + " in this folder");
        return new Fault(
                file, KubernetesYaml.line(kind), "kind", kind.getValue(), "a kind that is not read here", remedy);
    }

    private static Optional<ScalarNode> field(MappingNode mapping, String name) {
        return mapping.getValue().stream()
                .filter(tuple -> tuple.getKeyNode() instanceof ScalarNode key
                        && key.getValue().equals(name))
                .map(NodeTuple::getValueNode)
                .filter(ScalarNode.class::isInstance)
                .map(ScalarNode.class::cast)
                .findFirst();
    }
}
