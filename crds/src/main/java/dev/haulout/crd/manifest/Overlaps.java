package dev.haulout.crd.manifest;

import dev.haulout.crd.ListenAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds what two documents of a folder both claim: a name, a listen address, a data directory. */
final class Overlaps {
    private record Door(ListenAddress address, Document owner) {}

    private record Directory(Path path, Document owner) {}

    private final Map<String, Document> names = new HashMap<>();
    private final List<Door> doors = new ArrayList<>();
    private final List<Directory> directories = new ArrayList<>();
    private final List<Fault> faults;

    private Overlaps(List<Fault> faults) {
        this.faults = faults;
    }

    /** Adds a fault for each claim that an earlier document already made. */
    static void find(List<Document> documents, List<Fault> faults) {
        Overlaps overlaps = new Overlaps(faults);
        for (Document document : documents) {
            overlaps.name(document);
            if (document.kind() == Document.Kind.INSTANCE) {
                overlaps.doors(document);
                overlaps.directory(document);
            }
        }
    }

    private void name(Document document) {
        document.id().ifPresent(id -> {
            Document first = names.putIfAbsent(document.kind() + " " + id, document);
            if (first != null) {
                faults.add(document.fault(
                        "metadata.name",
                        document.at("metadata", "name").orElseThrow().toString(),
                        "a " + document.kind().kindName() + " of that name and namespace stands at " + first.place(),
                        "rename or remove one of them"));
            }
        });
    }

    private void doors(Document document) {
        List<?> listen =
                document.at("spec", "host", "listen").map(List.class::cast).orElse(List.of());
        for (int i = 0; i < listen.size(); i++) {
            String text = listen.get(i).toString();
            ListenAddress address = ListenAddress.parse(text);
            String path = "spec.host.listen[" + i + "]";
            doors.stream()
                    .filter(door -> door.address.overlaps(address))
                    .findFirst()
                    .ifPresent(door -> faults.add(document.fault(
                            path,
                            text,
                            "already taken by " + door.address + " of the instance at " + door.owner.place(),
                            "choose another port or path")));
            doors.add(new Door(address, document));
        }
    }

    private void directory(Document document) {
        document.at("spec", "host", "process", "dataDirectory").ifPresent(text -> {
            Path path = Path.of(text.toString()).normalize();
            directories.stream()
                    .filter(other -> path.startsWith(other.path) || other.path.startsWith(path))
                    .findFirst()
                    .ifPresent(other -> faults.add(document.fault(
                            "spec.host.process.dataDirectory",
                            text.toString(),
                            "the same as, inside or around the data directory of the instance at "
                                    + other.owner.place(),
                            "give each instance a directory of its own")));
            directories.add(new Directory(path, document));
        });
    }
}
