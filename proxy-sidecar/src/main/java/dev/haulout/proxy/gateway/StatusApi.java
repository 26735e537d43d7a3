package dev.haulout.proxy.gateway;

import dev.haulout.crd.MariaDBInstance;

/** Where one instance's status is written. */
@FunctionalInterface
interface StatusApi {
    /**
     * Merges into the resource's status. Blocks.
     *
     * @param patch a JSON merge patch of the whole resource
     * @return the resource as it then is
     * @throws io.fabric8.kubernetes.client.KubernetesClientException when it is refused, or the API can't be reached
     */
    MariaDBInstance merge(String patch);
}
