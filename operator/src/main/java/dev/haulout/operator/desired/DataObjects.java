package dev.haulout.operator.desired;

import dev.haulout.crd.DeletionPolicy;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceSpec;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Map;

/**
 * The data, and the passwords that lie in it: they go or stay together. A volume that outlives its instance without its
 * passwords would be found again by an instance of the same name, and let nobody in.
 */
final class DataObjects {
    private DataObjects() {}

    static PersistentVolumeClaim volume(MariaDBInstance instance, VolumeAccess access) {
        MariaDBInstanceSpec spec = instance.getSpec();
        return new PersistentVolumeClaimBuilder()
                .withMetadata(meta(instance, Desired.names(instance).volume()))
                .withNewSpec()
                .withAccessModes(access.mode())
                .withStorageClassName(spec.storage().storageClass())
                .withNewResources()
                .withRequests(Map.of("storage", spec.storage().size()))
                .endResources()
                .endSpec()
                .build();
    }

    static Secret rootPassword(MariaDBInstance instance, String password) {
        return SecretText.secret(
                meta(instance, Desired.names(instance).rootSecret()), SecretText.OPAQUE, Map.of("password", password));
    }

    static Secret userPassword(MariaDBInstance instance, String password) {
        return SecretText.secret(
                meta(instance, Desired.names(instance).userSecret()),
                SecretText.OPAQUE,
                Map.of("user", instance.getSpec().user(), "password", password));
    }

    private static ObjectMeta meta(MariaDBInstance instance, String name) {
        return instance.getSpec().deletionPolicy() == DeletionPolicy.DELETE
                ? Marks.owned(instance, name)
                : Marks.kept(instance, name);
    }
}
