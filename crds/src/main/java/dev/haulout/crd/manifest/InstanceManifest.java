package dev.haulout.crd.manifest;

import dev.haulout.crd.MariaDBInstance;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An instance as a folder describes it, all defaults applied.
 *
 * @param file the file it stands in
 * @param line the line its document begins on, from 1
 * @param resource the instance; its name and namespace are set
 * @param password what {@code spec.passwordSecret} points to; empty when the manifest names none
 */
public record InstanceManifest(Path file, int line, MariaDBInstance resource, Optional<Password> password) {
    /** Namespace and name, such as {@code default/shop}: unique within the folder. */
    public String id() {
        return resource.getMetadata().getNamespace() + "/"
                + resource.getMetadata().getName();
    }
}
