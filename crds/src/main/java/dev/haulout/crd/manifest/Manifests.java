package dev.haulout.crd.manifest;

import java.util.List;

/** What came of reading a folder: all of it, or nothing but the reasons. */
public sealed interface Manifests {
    /**
     * Nothing was wrong.
     *
     * @param instances the folder's instances, by file and line; empty when it has none
     */
    record Loaded(List<InstanceManifest> instances) implements Manifests {}

    /**
     * Something was wrong, and nothing is to be used.
     *
     * @param faults everything that is wrong, by file and line; never empty
     */
    record Refused(List<Fault> faults) implements Manifests {}
}
