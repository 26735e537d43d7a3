package dev.haulout.operator.desired;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.proxy.certificate.KeyedCertificate;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.Map;
import java.util.TreeMap;

/** What the server's pod uses, and what guards it. */
final class ServerObjects {
    private ServerObjects() {}

    static Secret certificate(MariaDBInstance instance, int number, KeyedCertificate certificate, String authorityPem) {
        return SecretText.secret(
                Marks.owned(instance, Desired.names(instance).tlsSecret(number)),
                SecretText.TLS,
                Map.of(
                        "tls.crt",
                        certificate.certificatePem(),
                        "tls.key",
                        certificate.keyPem(),
                        "ca.crt",
                        authorityPem));
    }

    static Secret announceToken(MariaDBInstance instance, String token) {
        return SecretText.secret(
                Marks.owned(instance, Desired.names(instance).announceSecret()),
                SecretText.OPAQUE,
                Map.of("token", token));
    }

    static ConfigMap files(MariaDBInstance instance, Map<String, String> changedGlobals) {
        Map<String, String> data = new TreeMap<>();
        data.put("start", StartScript.TEXT);
        data.put("my.cnf", OptionsFile.of(instance.getSpec()));
        data.put("init.sql", ServerSql.globals(changedGlobals));
        data.put("accounts.sql", ServerSql.accounts());
        return new ConfigMapBuilder()
                .withMetadata(Marks.owned(instance, Desired.names(instance).serverConfigMap()))
                .withData(data)
                .build();
    }

    static Service podService(MariaDBInstance instance) {
        return new ServiceBuilder()
                .withMetadata(Marks.owned(instance, Desired.names(instance).podService()))
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP("None")
                .withIpFamilyPolicy("PreferDualStack")
                .withPublishNotReadyAddresses(true)
                .withSelector(Marks.selector(instance))
                .addNewPort()
                .withName(ClientObjects.PORT_NAME)
                .withPort(ClientObjects.PORT)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }

    /**
     * In minAvailable: for maxUnavailable Kubernetes asks the owner's scale subresource, which has no answer while
     * {@code spec.replicas} is left out, and then refuses every eviction.
     */
    static PodDisruptionBudget disruptionBudget(MariaDBInstance instance, boolean mayBeEvicted) {
        return new PodDisruptionBudgetBuilder()
                .withMetadata(Marks.owned(instance, Desired.names(instance).disruptionBudget()))
                .withNewSpec()
                .withMinAvailable(new IntOrString(mayBeEvicted ? 0 : 1))
                // a server that crashes over and over serves nobody: let the node go
                .withUnhealthyPodEvictionPolicy("AlwaysAllow")
                .withSelector(new LabelSelectorBuilder()
                        .withMatchLabels(Marks.selector(instance))
                        .build())
                .endSpec()
                .build();
    }

    static NetworkPolicy networkPolicy(MariaDBInstance instance, Release release) {
        return new NetworkPolicyBuilder()
                .withMetadata(Marks.owned(instance, Desired.names(instance).networkPolicy()))
                .withNewSpec()
                .withPodSelector(new LabelSelectorBuilder()
                        .withMatchLabels(Marks.selector(instance))
                        .build())
                .withPolicyTypes("Ingress")
                .addNewIngress()
                .withFrom(peer(release, release.gatewayLabels()), peer(release, release.operatorLabels()))
                .addNewPort()
                .withPort(new IntOrString(ClientObjects.PORT))
                .withProtocol("TCP")
                .endPort()
                .endIngress()
                .endSpec()
                .build();
    }

    private static NetworkPolicyPeer peer(Release release, Map<String, String> labels) {
        return new NetworkPolicyPeerBuilder()
                .withNewNamespaceSelector()
                .addToMatchLabels("kubernetes.io/metadata.name", release.namespace())
                .endNamespaceSelector()
                .withNewPodSelector()
                .withMatchLabels(new TreeMap<>(labels))
                .endPodSelector()
                .build();
    }
}
