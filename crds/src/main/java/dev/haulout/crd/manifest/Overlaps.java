package dev.haulout.crd.manifest;

import dev.haulout.crd.ListenAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Finds what two documents of a folder both claim: a name, a listen address, a directory. */
final class Overlaps {
    private record Door(ListenAddress address, Document owner) {}

    private final Map<String, Document> names = new HashMap<>();
    /** Doors by what only overlapping ones can have in common: the port, or the path of the socket. */
    private final Map<Object, List<Door>> doors = new HashMap<>();
    /** Owners by directory, written with a / at the end so that what lies inside follows directly. */
    private final NavigableMap<String, Document> directories = new TreeMap<>();

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
            List<Door> near = doors.computeIfAbsent(common(address), ignored -> new ArrayList<>());
            near.stream()
                    .filter(door -> door.address.overlaps(address))
                    .findFirst()
                    .ifPresent(door -> faults.add(document.fault(
                            path,
                            text,
                            "already taken by " + door.address + " of the instance at " + door.owner.place(),
                            "choose another port or path")));
            near.add(new Door(address, document));
        }
    }

    private static Object common(ListenAddress address) {
        return switch (address) {
            case ListenAddress.Tcp tcp -> tcp.port();
            case ListenAddress.Unix unix -> unix.path().normalize();
            case ListenAddress.Abstract named -> named;
        };
    }

    private void directory(Document document) {
        document.at("spec", "host", "process", "directory").ifPresent(text -> {
            Path path = Path.of(text.toString()).normalize();
            owner(path)
                    .ifPresent(other -> faults.add(document.fault(
                            "spec.host.process.directory",
                            text.toString(),
                            "the same as, inside or around the directory of the instance at " + other.place(),
                            "give each instance a directory of its own")));
            directories.putIfAbsent(key(path), document);
        });
    }

    /** Who has that directory, one around it or one inside it. */
    private Optional<Document> owner(Path path) {
        for (Path around = path; around != null; around = around.getParent()) {
            Document owner = directories.get(key(around));
            if (owner != null) {
                return Optional.of(owner);
            }
        }
        return Optional.ofNullable(directories.ceilingEntry(key(path)))
                .filter(inside -> inside.getKey().startsWith(key(path)))
                .map(Map.Entry::getValue);
    }

    private static String key(Path path) {
        return path.getParent() == null ? "/" : path + "/";
    }
}
