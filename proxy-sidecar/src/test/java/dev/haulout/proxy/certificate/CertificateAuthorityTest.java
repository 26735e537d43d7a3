package dev.haulout.proxy.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;

class CertificateAuthorityTest {
    private static final String SERVER_PURPOSE = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_PURPOSE = "1.3.6.1.5.5.7.3.2";

    private final Clock clock = Clock.systemUTC();
    private final CertificateAuthority authority = CertificateAuthority.make(clock);

    @Test
    void serversCertificateNamesTheInstanceAndItsHosts() throws Exception {
        X509Certificate certificate = authority
                .issueServer("5c7f0a52", List.of("shop", "shop.web.svc"))
                .certificate();

        // 6: URI, 2: DNS name (RFC 5280, GeneralName)
        assertThat(certificate.getSubjectAlternativeNames())
                .extracting(name -> (Object) List.copyOf(name))
                .containsExactly(
                        List.of(6, "urn:haulout:instance:5c7f0a52"), List.of(2, "shop"), List.of(2, "shop.web.svc"));
        assertThat(certificate.getExtendedKeyUsage()).containsExactly(SERVER_PURPOSE);
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(((ECPublicKey) certificate.getPublicKey())
                        .getParams()
                        .getCurve()
                        .getField()
                        .getFieldSize())
                .isEqualTo(256);
    }

    @Test
    void serversCertificateIsTrustedAsAServersOnly() throws Exception {
        X509Certificate[] chain = {authority.issueServer("uid", List.of("shop")).certificate()};

        assertThatCode(() -> trust(authority).checkServerTrusted(chain, "UNKNOWN"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> trust(authority).checkClientTrusted(chain, "UNKNOWN"))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void clientsCertificateIsTrustedAsAClientsOnly() throws Exception {
        X509Certificate certificate =
                authority.issueClient(CertificateAuthority.OPERATOR).certificate();
        X509Certificate[] chain = {certificate};

        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=haulout-operator");
        assertThat(certificate.getIssuerX500Principal().getName()).isEqualTo("CN=haulout");
        assertThat(certificate.getExtendedKeyUsage()).containsExactly(CLIENT_PURPOSE);
        assertThatCode(() -> trust(authority).checkClientTrusted(chain, "UNKNOWN"))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> trust(authority).checkServerTrusted(chain, "UNKNOWN"))
                .isInstanceOf(CertificateException.class);
    }

    @Test
    void anotherAuthoritysCertificateIsNotTrusted() throws Exception {
        X509Certificate[] chain = {
            CertificateAuthority.make(clock).issueServer("uid", List.of("shop")).certificate()
        };

        assertThatThrownBy(() -> trust(authority).checkServerTrusted(chain, "UNKNOWN"))
                .isInstanceOf(CertificateException.class)
                .hasRootCauseInstanceOf(CertPathValidatorException.class);
    }

    @Test
    void anAuthorityThatWasLoadedSignsAsBefore() throws Exception {
        CertificateAuthority loaded = CertificateAuthority.load(
                authority.own().certificatePem(), authority.own().keyPem(), clock);

        X509Certificate[] chain = {
            loaded.issueClient(CertificateAuthority.GATEWAY).certificate()
        };

        assertThatCode(() -> trust(authority).checkClientTrusted(chain, "UNKNOWN"))
                .doesNotThrowAnyException();
    }

    @Test
    void aKeyOfAnotherIsRefused() {
        String strange = CertificateAuthority.make(clock).own().keyPem();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateAuthority.load(authority.own().certificatePem(), strange, clock))
                .withMessageContaining("key is not the one");
    }

    @Test
    void aCertificateThatIsNoAuthoritysIsRefused() {
        KeyedCertificate client = authority.issueClient(CertificateAuthority.GATEWAY);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> CertificateAuthority.load(client.certificatePem(), client.keyPem(), clock))
                .withMessageContaining("CN=haulout-gateway is not an authority's");
    }

    @Test
    void textThatIsNoPemIsRefusedWithoutBeingRepeated() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyedCertificate.fromPem(authority.own().certificatePem(), "secret nonsense"))
                .withMessageContaining("PRIVATE KEY")
                .withMessageNotContaining("nonsense");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyedCertificate.fromPem("", authority.own().keyPem()))
                .withMessageContaining("no certificate could be read");
    }

    @Test
    void aCertificateIsRenewedInTheLastThirdOfItsLife() {
        Instant now = Instant.parse("2030-01-01T00:00:00Z");
        KeyedCertificate certificate = CertificateAuthority.make(at(now)).issueClient(CertificateAuthority.GATEWAY);

        assertThat(certificate.isDueForRenewal(at(now.plus(Duration.ofDays(243)))))
                .isFalse();
        assertThat(certificate.isDueForRenewal(at(now.plus(Duration.ofDays(244)))))
                .isTrue();
        assertThat(certificate.certificate().getNotAfter()).isEqualTo(now.plus(Duration.ofDays(365)));
    }

    private static Clock at(Instant instant) {
        return Clock.fixed(instant, ZoneOffset.UTC);
    }

    private static X509TrustManager trust(CertificateAuthority authority) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("authority", authority.own().certificate());
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
