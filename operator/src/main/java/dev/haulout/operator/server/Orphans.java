package dev.haulout.operator.server;

import dev.haulout.crd.MariaDBInstance;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was learnt of instances that were deleted while no operator ran. It lies in another namespace than they did, where
 * the cluster does not collect it.
 *
 * @param client the API
 * @param namespace the release's
 * @param watched the namespaces whose instances this release cares for; empty for all
 */
public record Orphans(KubernetesClient client, String namespace, Set<String> watched) {
    private static final Logger log = LoggerFactory.getLogger(Orphans.class);

    /** Removes it. What a Secret tells of a namespace that is not watched stays: it may be watched again. Blocks. */
    public void remove() {
        client.secrets()
                .inNamespace(namespace)
                .withLabel(SecretShelf.LABEL)
                .list()
                .getItems()
                .forEach(this::removeIfOrphaned);
    }

    private void removeIfOrphaned(Secret secret) {
        String uid = secret.getMetadata().getLabels().get(SecretShelf.LABEL);
        Optional<String> of = SecretShelf.of(secret).filter(this::isWatched);
        if (of.isEmpty() || exists(of.get(), uid)) {
            return;
        }
        try {
            new SecretShelf(client, namespace, uid).remove();
            log.atInfo().addKeyValue("instance", of.get()).log("what was learnt of it is removed: it is no more");
        } catch (IOException e) {
            log.atWarn().addKeyValue("instance", of.get()).log("{}", e.getMessage());
        }
    }

    private boolean isWatched(String of) {
        return watched.isEmpty() || watched.contains(of.substring(0, of.indexOf('/')));
    }

    /** Asked of the API itself, whatever a cache shows. */
    private boolean exists(String of, String uid) {
        int slash = of.indexOf('/');
        MariaDBInstance instance = client.resources(MariaDBInstance.class)
                .inNamespace(of.substring(0, slash))
                .withName(of.substring(slash + 1))
                .get();
        return instance != null && instance.getMetadata().getUid().equals(uid);
    }
}
