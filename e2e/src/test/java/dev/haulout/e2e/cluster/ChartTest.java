package dev.haulout.e2e.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.gateway.GatewayOptions;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code helm install} would bring to a cluster. */
class ChartTest {
    private static final Map<String, String> ONE_NAMESPACE = Map.of("namespaces[0]", "team-a");
    private static final Map<String, Boolean> EVERYWHERE = Map.of("allNamespaces", true);

    static List<Map<String, ?>> bothWays() {
        return List.of(ONE_NAMESPACE, EVERYWHERE);
    }

    private static <T extends HasMetadata> List<T> all(Class<T> kind, Map<String, ?> values) {
        return Chart.render("haulout-system", values).stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    @Test
    void helmFindsNothingWrong() {
        assertThat(Chart.lint().isFailed()).isFalse();
    }

    @Test
    void gatewaysShowACertificateThatIsSuppliedOnlyWhereThereIsOne() {
        Map<String, ?> supplied = Map.of("namespaces[0]", "team-a", "gateway.doorCertificateSecret", "doors-tls");

        assertThat(gatewaysFolders(supplied)).contains("/haulout/door");
        assertThat(gatewaysFolders(ONE_NAMESPACE)).doesNotContain("/haulout/door");
    }

    @Test
    void onlyGatewaysComeToWhereGatewaysAskEachOther() {
        PodSpec gateway = all(Deployment.class, ONE_NAMESPACE).stream()
                .filter(one -> one.getMetadata().getName().endsWith("-gateway"))
                .map(one -> one.getSpec().getTemplate().getSpec())
                .findFirst()
                .orElseThrow();
        assertThat(gateway.getContainers().getFirst().getPorts())
                .anySatisfy(port -> assertThat(port)
                        .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
                        .containsExactly("peers", GatewayOptions.PEER_PORT));

        NetworkPolicy policy = all(NetworkPolicy.class, ONE_NAMESPACE).stream()
                .filter(one -> one.getMetadata().getName().endsWith("-gateway"))
                .findFirst()
                .orElseThrow();
        List<NetworkPolicyIngressRule> rules = policy.getSpec().getIngress().stream()
                .filter(rule -> rule.getPorts().stream()
                        .anyMatch(port -> "peers".equals(port.getPort().getStrVal())))
                .toList();
        assertThat(rules)
                .singleElement()
                .satisfies(rule -> assertThat(rule.getFrom()).singleElement().satisfies(from -> {
                    assertThat(from.getPodSelector()).isEqualTo(policy.getSpec().getPodSelector());
                    assertThat(from.getNamespaceSelector()).isNull();
                }));
    }

    private static List<String> gatewaysFolders(Map<String, ?> values) {
        return all(Deployment.class, values).stream()
                .filter(one -> one.getMetadata().getName().endsWith("-gateway"))
                .flatMap(one -> one.getSpec().getTemplate().getSpec().getContainers().stream())
                .flatMap(container -> container.getVolumeMounts().stream())
                .map(VolumeMount::getMountPath)
                .toList();
    }

    @Test
    void withoutANamespaceItSaysWhatToSet() {
        assertThatThrownBy(() -> Chart.render("haulout-system", Map.of()))
                .hasMessageContaining("--set namespaces={team-a,team-b}");
    }

    @Test
    void aListBesideAllNamespacesIsRefused() {
        assertThatThrownBy(
                        () -> Chart.render("haulout-system", Map.of("namespaces[0]", "team-a", "allNamespaces", true)))
                .hasMessageContaining("set one of them");
    }

    @Test
    void aValueThatIsNotThereIsRefused() {
        assertThatThrownBy(
                        () -> Chart.render("haulout-system", Map.of("namespaces[0]", "team-a", "gateways.replicas", 3)))
                .hasMessageContaining("gateways");
    }

    @Test
    void aPodMonitorIsMadeWhereItIsWantedOrKnown() {
        assertThat(kinds(ONE_NAMESPACE)).doesNotContain("PodMonitor"); // this Kubernetes has no such CRD
        assertThat(kinds(Map.of("namespaces[0]", "team-a", "metrics.podMonitor", true)))
                .contains("PodMonitor");
    }

    private static List<String> kinds(Map<String, ?> values) {
        return Chart.render("haulout-system", values).stream()
                .map(HasMetadata::getKind)
                .toList();
    }

    @Test
    void theCrdsOutliveTheRelease() {
        assertThat(all(CustomResourceDefinition.class, ONE_NAMESPACE))
                .isNotEmpty()
                .allSatisfy(crd -> assertThat(crd.getMetadata().getAnnotations())
                        .containsEntry("helm.sh/resource-policy", "keep"));
    }

    @ParameterizedTest
    @MethodSource("bothWays")
    void podsFitTheRestrictedProfile(Map<String, ?> values) {
        List<Deployment> deployments = all(Deployment.class, values);

        assertThat(deployments).hasSize(2);
        for (Deployment deployment : deployments) {
            PodSpec pod = deployment.getSpec().getTemplate().getSpec();
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
            for (Container container : pod.getContainers()) {
                assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                        .isFalse();
                assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                        .isTrue();
                assertThat(container.getSecurityContext().getCapabilities().getDrop())
                        .containsExactly("ALL");
                assertThat(container.getResources().getLimits()).containsKey("memory");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bothWays")
    void noRuleHasAWildcard(Map<String, ?> values) {
        assertThat(rules(values)).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.getVerbs()).doesNotContain("*");
            assertThat(rule.getResources()).doesNotContain("*");
            assertThat(rule.getApiGroups()).doesNotContain("*");
        });
    }

    @ParameterizedTest
    @MethodSource("bothWays")
    void noSecretOfAnInstancesNamespaceCanBeRead(Map<String, ?> values) {
        Stream<PolicyRule> outside = Stream.concat(
                all(ClusterRole.class, values).stream().flatMap(role -> role.getRules().stream()),
                all(Role.class, values).stream()
                        .filter(role -> !role.getMetadata().getNamespace().equals("haulout-system"))
                        .flatMap(role -> role.getRules().stream()));

        assertThat(outside.filter(rule -> rule.getResources().contains("secrets")))
                .allSatisfy(rule -> assertThat(rule.getVerbs()).containsExactly("create"));
    }

    @Test
    void rightsInAListOfNamespacesNeedNoClusterRole() {
        assertThat(all(ClusterRole.class, ONE_NAMESPACE)).isEmpty();
        assertThat(all(Role.class, ONE_NAMESPACE))
                .extracting(role -> role.getMetadata().getNamespace())
                .containsOnly("team-a", "haulout-system");
    }

    @Test
    void theDashboardAsksForMetricsThatAreDocumented() throws IOException {
        ConfigMap dashboard = all(ConfigMap.class, Map.of("namespaces[0]", "team-a", "metrics.dashboard", true))
                .getFirst();
        String documented = Files.readString(Path.of("../docs/metrics.md"));

        List<String> asked = Pattern.compile("haulout_[a-z_]+")
                .matcher(dashboard.getData().get("haulout.json"))
                .results()
                .map(MatchResult::group)
                .map(name -> name.replaceFirst("_(bucket|sum|count)$", ""))
                .distinct()
                .toList();

        assertThat(asked)
                .hasSizeGreaterThan(5)
                .allSatisfy(name -> assertThat(documented).contains("`" + name + "`"));
    }

    private static List<PolicyRule> rules(Map<String, ?> values) {
        return Stream.concat(
                        all(ClusterRole.class, values).stream().flatMap(role -> role.getRules().stream()),
                        all(Role.class, values).stream().flatMap(role -> role.getRules().stream()))
                .toList();
    }
}
