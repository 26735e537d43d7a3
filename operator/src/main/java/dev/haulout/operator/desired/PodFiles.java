package dev.haulout.operator.desired;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.PasswordSecret;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * The files that the server's container sees beside its image. Passwords and the SQL that makes accounts are there only
 * while a data directory is to be made: no later start waits for them, and a running server can't leak them.
 */
final class PodFiles {
    static final String FOLDER = "/haulout";
    static final String ROOT_PASSWORD = FOLDER + "/secrets/root-password";
    static final String USER_PASSWORD = FOLDER + "/secrets/user-password";

    /** Beside what an image of the owner's has there. */
    private static final String ACCOUNTS = "/docker-entrypoint-initdb.d/00-haulout.sql";

    private static final String ACCOUNTS_FILE = "start/accounts.sql";
    private static final int READABLE = 0444;
    private static final int SECRET = 0440;

    private PodFiles() {}

    static List<VolumeMount> mounts(boolean initialise) {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(mount("data", "/var/lib/mysql"));
        mounts.add(readOnly("haulout", FOLDER).build());
        if (initialise) {
            mounts.add(readOnly("haulout", ACCOUNTS).withSubPath(ACCOUNTS_FILE).build());
        }
        mounts.add(mount("tmp", "/tmp"));
        mounts.add(mount("run", "/run/mysqld"));
        return mounts;
    }

    private static VolumeMount mount(String volume, String path) {
        return new VolumeMountBuilder().withName(volume).withMountPath(path).build();
    }

    private static VolumeMountBuilder readOnly(String volume, String path) {
        return new VolumeMountBuilder().withName(volume).withMountPath(path).withReadOnly(true);
    }

    static List<Volume> volumes(MariaDBInstance instance, boolean initialise, int certificate) {
        Names names = Desired.names(instance);
        return List.of(
                new VolumeBuilder()
                        .withName("data")
                        .withNewPersistentVolumeClaim()
                        .withClaimName(names.volume())
                        .endPersistentVolumeClaim()
                        .build(),
                // one volume for all of them: each is a mount more that the container waits for
                new VolumeBuilder()
                        .withName("haulout")
                        .withNewProjected()
                        .withDefaultMode(READABLE)
                        .withSources(sources(instance.getSpec(), names, initialise, certificate))
                        .endProjected()
                        .build(),
                emptyDir("tmp"),
                emptyDir("run"));
    }

    private static Volume emptyDir(String name) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .endEmptyDir()
                .build();
    }

    private static List<VolumeProjection> sources(
            MariaDBInstanceSpec spec, Names names, boolean initialise, int certificate) {
        List<VolumeProjection> sources = new ArrayList<>();
        sources.add(serverFiles(names, initialise));
        sources.add(secret(
                names.tlsSecret(certificate),
                secretFile("tls.crt", "tls/tls.crt"),
                secretFile("tls.key", "tls/tls.key"),
                secretFile("ca.crt", "tls/ca.crt")));
        sources.add(secret(names.announceSecret(), secretFile("token", "announce/token")));
        if (initialise) {
            sources.add(secret(names.rootSecret(), secretFile("password", below(ROOT_PASSWORD))));
            if (spec.user() != null) {
                PasswordSecret given = spec.passwordSecret();
                sources.add(
                        given == null
                                ? secret(names.userSecret(), secretFile("password", below(USER_PASSWORD)))
                                : secret(given.name(), secretFile(given.key(), below(USER_PASSWORD))));
            }
        }
        return sources;
    }

    private static String below(String path) {
        return path.substring(FOLDER.length() + 1);
    }

    private static VolumeProjection serverFiles(Names names, boolean initialise) {
        List<KeyToPath> files = new ArrayList<>(List.of(
                file("start", "start/start"), file("my.cnf", "start/my.cnf"), file("init.sql", "start/init.sql")));
        if (initialise) {
            files.add(file("accounts.sql", ACCOUNTS_FILE));
        }
        return new VolumeProjectionBuilder()
                .withNewConfigMap()
                .withName(names.serverConfigMap())
                .withItems(files)
                .endConfigMap()
                .build();
    }

    private static VolumeProjection secret(String name, KeyToPath... files) {
        return new VolumeProjectionBuilder()
                .withNewSecret()
                .withName(name)
                .withItems(files)
                .endSecret()
                .build();
    }

    private static KeyToPath file(String key, String path) {
        return new KeyToPathBuilder().withKey(key).withPath(path).build();
    }

    private static KeyToPath secretFile(String key, String path) {
        return new KeyToPathBuilder()
                .withKey(key)
                .withPath(path)
                .withMode(SECRET)
                .build();
    }
}
