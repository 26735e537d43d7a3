package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * One MariaDB server with one data directory, put to sleep when nobody uses it and woken when a client connects.
 * {@link #getSpec()} is never null, and neither are its parts {@link MariaDBInstanceSpec#sleep()} and
 * {@link MariaDBInstanceSpec#host()}.
 */
@Group("haulout.dev")
@Version("v1alpha1")
@ShortNames("mdbi")
@AdditionalPrinterColumn(name = "Phase", jsonPath = ".status.phase", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Since", jsonPath = ".status.since", type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Awake because",
        jsonPath = ".status.awakeBecause",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Last activity",
        jsonPath = ".status.lastActivity",
        type = AdditionalPrinterColumn.Type.DATE,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Sleeps after",
        jsonPath = ".spec.sleep.after",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Version",
        jsonPath = ".status.serverVersion",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Last wake ms",
        jsonPath = ".status.lastWake.milliseconds",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@ValidationRule(
        value = "self.metadata.name.matches('^[a-z]([a-z0-9-]{0,50}[a-z0-9])?$')",
        message = "metadata.name becomes the name of a Service too and is not fit for one; use at most 52 lower-case"
                + " letters, digits and hyphens, a letter first and no hyphen last")
public final class MariaDBInstance extends CustomResource<MariaDBInstanceSpec, MariaDBInstanceStatus>
        implements Namespaced {
    private static final long serialVersionUID = 1L;

    /** An instance without metadata and with every default. */
    public MariaDBInstance() {}

    @Override
    protected MariaDBInstanceSpec initSpec() {
        return MariaDBInstanceSpec.DEFAULTS;
    }

    @Override
    @JsonPropertyDescription(
            "One MariaDB server with one data directory, put to sleep when nobody uses it and woken when"
                    + " a client connects.")
    public MariaDBInstanceSpec getSpec() {
        return super.getSpec();
    }

    @Override
    public void setSpec(MariaDBInstanceSpec spec) {
        super.setSpec(spec == null ? MariaDBInstanceSpec.DEFAULTS : spec);
    }
}
