package dev.haulout.e2e.cluster;

import static org.awaitility.Awaitility.await;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * The owner of another namespace, who has every right there and none elsewhere: an instance {@code spy}, an account of
 * the API, and a pod with a shell, a client, and all that lies in the Secrets of his instance.
 */
final class Tenant {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("haulout-e2e-tenant")
            .withForce(true)
            .build();

    private static final String HIS = """
            apiVersion: haulout.dev/v1alpha1
            kind: MariaDBInstance
            metadata: {name: spy}
            spec:
              image: %1$s
              database: app
              user: app
              deletionPolicy: Delete
              storage: {size: 1Gi, class: "%2$s"}
              sleep: {after: 5s}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: tenant}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: tenant}
            rules:
            - {apiGroups: ["*"], resources: ["*"], verbs: ["*"]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: tenant}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: tenant}
            subjects:
            - {kind: ServiceAccount, name: tenant}
            """;

    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: shell}
            spec:
              automountServiceAccountToken: false
              terminationGracePeriodSeconds: 0
              securityContext: {runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: {type: RuntimeDefault}}
              containers:
              - name: shell
                image: %s
                command: [bash, -c, "trap 'exit 0' TERM; while :; do sleep 1; done"]
                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                volumeMounts: [{name: tls, mountPath: /his/tls}]
              volumes:
              - {name: tls, secret: {secretName: spy-tls, defaultMode: 0440}}
            """;

    private final Cluster cluster;
    private final KubernetesClient admin;

    private Tenant(Cluster cluster) {
        this.cluster = cluster;
        this.admin = cluster.client();
    }

    /** Gives him what he has, and waits until his instance sleeps and his pod runs. */
    static Tenant moveIn(Cluster cluster) {
        Tenant tenant = new Tenant(cluster);
        for (String document :
                HIS.formatted(cluster.serverImage(), cluster.storageClass()).split("(?m)^---$")) {
            tenant.apply(document);
        }
        tenant.awaitAsleep();
        tenant.apply(POD.formatted(cluster.serverImage()));
        tenant.admin
                .pods()
                .inNamespace(Cluster.OTHER_NAMESPACE)
                .withName("shell")
                .waitUntilReady(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return tenant;
    }

    /** Makes something of his in his namespace. */
    void apply(String yaml) {
        HasMetadata object = Serialization.unmarshal(yaml);
        object.getMetadata().setNamespace(Cluster.OTHER_NAMESPACE);
        if (object instanceof io.fabric8.kubernetes.api.model.rbac.RoleBinding binding) {
            binding.getSubjects().forEach(subject -> subject.setNamespace(Cluster.OTHER_NAMESPACE));
        }
        var _ = admin.resource(object).patch(APPLY);
    }

    /** The API as his account sees it. */
    KubernetesClient api() {
        Config his = new ConfigBuilder(admin.getConfiguration())
                .withImpersonateUsername("system:serviceaccount:" + Cluster.OTHER_NAMESPACE + ":tenant")
                .withImpersonateGroups("system:serviceaccounts", "system:authenticated")
                .build();
        return new KubernetesClientBuilder().withConfig(his).build();
    }

    MariaDBInstance instance() {
        return admin.resources(MariaDBInstance.class)
                .inNamespace(Cluster.OTHER_NAMESPACE)
                .withName("spy")
                .get();
    }

    void awaitAsleep() {
        await("his instance to sleep")
                .atMost(PATIENCE)
                .until(() ->
                        instance().getStatus() != null && instance().getStatus().phase() == Phase.ASLEEP);
    }

    /** What lies in a Secret of his. */
    String secret(String name, String key) {
        return new String(
                Base64.getDecoder()
                        .decode(admin.secrets()
                                .inNamespace(Cluster.OTHER_NAMESPACE)
                                .withName(name)
                                .require()
                                .getData()
                                .get(key)),
                StandardCharsets.UTF_8);
    }

    String podAddress() {
        return admin.pods()
                .inNamespace(Cluster.OTHER_NAMESPACE)
                .withName("shell")
                .require()
                .getStatus()
                .getPodIP();
    }

    /** Runs lines of bash in his pod, and gives all they print, errors too. */
    String run(String script) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (ExecWatch running = start(script, printed)) {
            var _ = running.exitCode().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("in the tenant's pod: " + script, e);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    /** The same, on and on until it is closed. */
    ExecWatch start(String script, ByteArrayOutputStream printed) {
        return admin.pods()
                .inNamespace(Cluster.OTHER_NAMESPACE)
                .withName("shell")
                .writingOutput(printed)
                .writingError(printed)
                .exec("bash", "-c", script);
    }

    /** Removes all that is his. */
    void moveOut() {
        admin.pods()
                .inNamespace(Cluster.OTHER_NAMESPACE)
                .withName("shell")
                .withGracePeriod(0)
                .delete();
        var unused = admin.resource(instance())
                .withTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .delete();
        for (Class<? extends HasMetadata> kind : java.util.List.<Class<? extends HasMetadata>>of(
                io.fabric8.kubernetes.api.model.rbac.RoleBinding.class,
                io.fabric8.kubernetes.api.model.rbac.Role.class,
                io.fabric8.kubernetes.api.model.ServiceAccount.class)) {
            var _ = admin.resources(kind)
                    .inNamespace(Cluster.OTHER_NAMESPACE)
                    .withName("tenant")
                    .delete();
        }
    }
}
