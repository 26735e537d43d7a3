package dev.haulout.proxy.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Who vouches for the certificates of one instance's clients. */
public final class ClientAuthority {
    private final X509TrustManager trust;

    private ClientAuthority(X509TrustManager trust) {
        this.trust = trust;
    }

    /**
     * @param pem the authority's certificates
     * @throws IOException when there is none to be read; the message says why
     */
    public static ClientAuthority of(String pem) throws IOException {
        try {
            Collection<? extends Certificate> authorities = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.UTF_8)));
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate one : authorities) {
                store.setCertificateEntry("authority " + number++, one);
            }
            if (number == 0) {
                throw new CertificateException("there is none");
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            return new ClientAuthority((X509TrustManager) factory.getTrustManagers()[0]);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "spec.tls.clientCa can't be read as certificates (" + e.getMessage() + "); paste PEM blocks whole",
                    e);
        }
    }

    /**
     * Sees that it vouches for a client.
     *
     * @param chain what the client showed, its own certificate first
     * @throws CertificateException when it doesn't
     */
    void check(X509Certificate[] chain) throws CertificateException {
        trust.checkClientTrusted(chain, chain[0].getPublicKey().getAlgorithm());
    }
}
