package dev.haulout.e2e.cluster;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The chart as Helm itself renders it, without a cluster. */
final class Chart {
    /** The oldest Kubernetes it is rendered for. */
    private static final String KUBERNETES = "1.30.0";

    /** Tests run in the module's folder, benches anywhere; they are told where the launcher is. */
    private static final Path LAUNCHER = Path.of(System.getProperty("haulout.launcher", "../haulout"));

    private static final Helm HELM = new Helm(LAUNCHER.toAbsolutePath().resolveSibling("helm/haulout"));

    private Chart() {}

    /** What would be applied for {@code helm install haulout --namespace NAMESPACE} with these values set. */
    static List<HasMetadata> render(String namespace, Map<String, ?> values) {
        TemplateCommand command =
                HELM.template().withName("haulout").withNamespace(namespace).withKubeVersion(KUBERNETES);
        values.forEach(command::set);
        return Pattern.compile("^---$", Pattern.MULTILINE)
                .splitAsStream(command.call())
                .filter(document -> document.contains("kind:"))
                .map(document -> (HasMetadata) Serialization.<HasMetadata>unmarshal(document))
                .toList();
    }

    /** What Helm finds wrong with it. */
    static LintResult lint() {
        return HELM.lint().strict().call();
    }
}
