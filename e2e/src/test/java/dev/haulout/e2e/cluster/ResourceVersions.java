package dev.haulout.e2e.cluster;

import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * In which version every object of a namespace is, of whatever kind: any write that changes one changes its version.
 * Left out are Events, which controllers of the cluster go on repeating about volumes that wait for their first pod.
 *
 * @param byObject versions by kind and name
 */
public record ResourceVersions(Map<String, String> byObject) {
    /** Takes them. */
    public static ResourceVersions of(KubernetesClient client, String namespace) {
        Map<String, String> versions = new TreeMap<>();
        Stream<String> groups = client.getApiGroups().getGroups().stream()
                .map(APIGroup::getPreferredVersion)
                .map(GroupVersionForDiscovery::getGroupVersion);
        Stream.concat(Stream.of("v1"), groups).forEach(version -> {
            for (APIResource kind : client.getApiResources(version).getResources()) {
                if (kind.getNamespaced()
                        && kind.getVerbs().contains("list")
                        && kind.getVerbs().contains("patch")
                        && !kind.getKind().equals("Event")) {
                    for (GenericKubernetesResource object : objects(client, version, kind, namespace)) {
                        versions.put(
                                kind.getName() + "/" + object.getMetadata().getName(),
                                object.getMetadata().getResourceVersion());
                    }
                }
            }
        });
        return new ResourceVersions(versions);
    }

    private static List<GenericKubernetesResource> objects(
            KubernetesClient client, String groupVersion, APIResource kind, String namespace) {
        int slash = groupVersion.indexOf('/');
        ResourceDefinitionContext context = new ResourceDefinitionContext.Builder()
                .withGroup(slash < 0 ? "" : groupVersion.substring(0, slash))
                .withVersion(groupVersion.substring(slash + 1))
                .withKind(kind.getKind())
                .withPlural(kind.getName())
                .withNamespaced(true)
                .build();
        return client.genericKubernetesResources(context)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    /** What came, went or was changed until then, in words. */
    public List<String> changesUntil(ResourceVersions later) {
        TreeSet<String> all = new TreeSet<>(byObject.keySet());
        all.addAll(later.byObject.keySet());
        return all.stream()
                .filter(object -> !Objects.equals(byObject.get(object), later.byObject.get(object)))
                .map(object -> object + ": " + byObject.getOrDefault(object, "not there") + " -> "
                        + later.byObject.getOrDefault(object, "gone"))
                .toList();
    }
}
