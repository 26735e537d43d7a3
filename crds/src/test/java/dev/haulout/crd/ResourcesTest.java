package dev.haulout.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Quantity;
import org.junit.jupiter.api.Test;

class ResourcesTest {
    @Test
    void anInstanceThatSaysNothingHasTheUsualAmounts() {
        assertThat(MariaDBInstanceSpec.DEFAULTS.resources()).isEqualTo(new Resources(null, null));
        assertThat(Resources.DEFAULTS.limits().memory()).isEqualTo(new Quantity("512Mi"));
        assertThat(Resources.DEFAULTS.requests().memory()).isEqualTo(new Quantity("256Mi"));
    }
}
