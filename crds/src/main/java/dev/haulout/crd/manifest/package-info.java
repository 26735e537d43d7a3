/**
 * Reads a folder of manifests as {@code kubectl apply} takes them, for use without a cluster: YAML with line numbers,
 * checked against the generated CRD itself, every fault reported at once. {@link dev.haulout.crd.manifest.ManifestFolder}
 * is the way in. Uses only {@code dev.haulout.crd} of ours; writes nothing and opens nothing but the folder's files.
 */
package dev.haulout.crd.manifest;
