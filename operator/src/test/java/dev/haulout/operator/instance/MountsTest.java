package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstance;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class MountsTest {
    private static final MariaDBInstance GIVEN = Serialization.unmarshal(
            "---\n{metadata: {name: shop, namespace: web}, spec: {user: u, database: d, passwordSecret: {name: pw, key: k}}}",
            MariaDBInstance.class);

    private static Trouble trouble(String message) {
        return Mounts.trouble(
                new EventBuilder()
                        .withReason("FailedMount")
                        .withMessage("MountVolume.SetUp failed for volume \"haulout\" : " + message)
                        .build(),
                GIVEN);
    }

    @Test
    void theOwnersSecretThatIsNotThereIsNamed() {
        assertThat(trouble("secret \"pw\" not found"))
                .isEqualTo(new Trouble(
                        FailureReason.SECRET_MISSING,
                        "there is no Secret pw in namespace web; create it, or name another in spec.passwordSecret.name",
                        true));
    }

    @Test
    void aKeyThatIsNotThereIsNamed() {
        assertThat(trouble("references non-existent secret key: k"))
                .isEqualTo(new Trouble(
                        FailureReason.SECRET_MISSING,
                        "Secret pw has no key k; add it, or name another in spec.passwordSecret.key",
                        true));
    }

    @Test
    void ourOwnSecretIsMadeAgainWhileOneWaits() {
        assertThat(trouble("secret \"shop-tls\" not found"))
                .satisfies(own -> assertThat(own.reason()).isEqualTo(FailureReason.SECRET_MISSING))
                .satisfies(own -> assertThat(own.hopeless()).isFalse());
    }

    @Test
    void anythingElseConcernsTheVolume() {
        assertThat(trouble("timed out waiting for the condition").reason()).isEqualTo(FailureReason.VOLUME_PENDING);
    }
}
