package dev.haulout.proxy.host;

import dev.haulout.crd.manifest.InstanceManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** What this process may have open at once. Java itself raises the soft limit to the hard one at its start. */
final class FileDescriptors {
    /** For the program's own files and the first sessions, of which each takes up to two. */
    private static final int BESIDE_DOORS = 200;

    private FileDescriptors() {}

    /** @throws IOException when there are fewer than all doors take; without this check thousands of doors would fail */
    static void checkEnough(Collection<InstanceManifest> manifests) throws IOException {
        long doors = manifests.stream()
                .mapToLong(manifest -> Math.max(
                        1, manifest.resource().getSpec().host().listen().size()))
                .sum();
        Optional<String> tooFew = tooFew(doors, limit());
        if (tooFew.isPresent()) {
            throw new IOException(tooFew.get());
        }
    }

    /** What is wrong with so many doors under that limit, if anything. */
    static Optional<String> tooFew(long doors, OptionalLong limit) {
        return limit.isPresent() && doors + BESIDE_DOORS > limit.getAsLong()
                ? Optional.of(doors + " doors take a file descriptor each and every session up to two, and this process"
                        + " may have " + limit.getAsLong()
                        + ": raise the hard limit (ulimit -Hn, or LimitNOFILE= in its"
                        + " unit) well above " + (doors + BESIDE_DOORS) + ", or describe fewer instances")
                : Optional.empty();
    }

    private static OptionalLong limit() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
            return lines.filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s+")[3])
                    .filter(soft -> !soft.equals("unlimited"))
                    .mapToLong(Long::parseLong)
                    .findFirst();
        }
    }
}
