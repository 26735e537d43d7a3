package dev.haulout.operator.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerCertificateTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant RENEWAL = BEGIN.plus(Duration.ofDays(250));

    private static ServerCertificate made(Instant at, Optional<ServerCertificate> before) {
        KeyedCertificate issued =
                CertificateAuthority.make(Clock.fixed(at, ZoneOffset.UTC)).issueServer("uid", List.of("shop"));
        return ServerCertificate.made(issued, before);
    }

    private static final ServerCertificate FIRST = made(BEGIN, Optional.empty());
    private static final ServerCertificate SECOND = made(RENEWAL, Optional.of(FIRST));

    private static Instant day(int day) {
        return BEGIN.plus(Duration.ofDays(day));
    }

    @Test
    void theNextIsMadeInTheLastThirdOfAYear() {
        assertThat(FIRST.isDue(day(243))).isFalse();
        assertThat(FIRST.isDue(day(244))).isTrue();
        assertThat(SECOND.isDue(day(250 + 243))).isFalse();
    }

    @Test
    void whatAServerWasStartedWithLastsUntilShortBeforeItsEnd() {
        assertThat(SECOND.restartOf(2, day(1000))).isEqualTo(Restart.NONE);
        assertThat(SECOND.restartOf(1, day(304))).isEqualTo(Restart.WHEN_UNUSED);
        assertThat(SECOND.restartOf(1, day(306))).isEqualTo(Restart.CERTIFICATE_ENDS);
        assertThat(made(day(500), Optional.of(SECOND)).restartOf(1, day(500))).isEqualTo(Restart.CERTIFICATE_ENDS);
    }

    @Test
    void itIsKeptInAnnotations() {
        assertThat(ServerCertificate.of(SECOND.annotations())).contains(SECOND);
        assertThat(ServerCertificate.of(FIRST.annotations())).contains(FIRST);
        assertThat(ServerCertificate.of(Map.of())).isEmpty();
        assertThat(ServerCertificate.of(null)).isEmpty();
    }

    @Test
    void oneFromBeforeTheyHadNumbersIsTheFirst() {
        assertThat(ServerCertificate.of(Map.of("haulout.dev/renew-certificate-at", "2026-09-01T00:00:00Z")))
                .map(ServerCertificate::number)
                .contains(1);
    }
}
