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

    private static final Helm HELM = new Helm(Path.of("../helm/haulout").toAbsolutePath());

    private Chart() {}

    /** What would be applied for {@code helm install haulout --namespace haulout-system} with these values set. */
    static List<HasMetadata> render(Map<String, ?> values) {
        TemplateCommand command = HELM.template()
                .withName("haulout")
                .withNamespace("haulout-system")
                .withKubeVersion(KUBERNETES);
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
