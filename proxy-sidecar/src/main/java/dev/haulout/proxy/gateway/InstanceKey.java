package dev.haulout.proxy.gateway;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * Which instance, or which pod: an instance's pod has its name.
 *
 * @param namespace of Kubernetes
 * @param name within it
 */
record InstanceKey(String namespace, String name) {
    static InstanceKey of(HasMetadata object) {
        return new InstanceKey(
                object.getMetadata().getNamespace(), object.getMetadata().getName());
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
