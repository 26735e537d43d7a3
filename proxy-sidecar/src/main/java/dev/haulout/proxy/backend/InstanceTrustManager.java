package dev.haulout.proxy.backend;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server whose certificate comes of the authority given and is of the instance that the engine's peer names.
 * What it says of a certificate it doesn't trust is a sentence for people.
 */
final class InstanceTrustManager extends X509ExtendedTrustManager {
    private static final int URI = 6; // RFC 5280, GeneralName: uniformResourceIdentifier [6]

    private final X509ExtendedTrustManager authority;

    private InstanceTrustManager(X509ExtendedTrustManager authority) {
        this.authority = authority;
    }

    static InstanceTrustManager of(Collection<? extends Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int number = 0;
        for (Certificate one : authorities) {
            store.setCertificateEntry("authority " + number++, one);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return new InstanceTrustManager((X509ExtendedTrustManager) factory.getTrustManagers()[0]);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        try {
            authority.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw new CertificateException(
                    "its certificate is not one that our authority vouches for (" + e.getMessage() + ")", e);
        }
        String wanted = BackendTls.uri(engine.getPeerHost());
        List<String> shown = uris(chain[0]);
        if (!shown.equals(List.of(wanted))) {
            throw new CertificateException("its certificate must be for " + wanted + ", and is for "
                    + (shown.isEmpty() ? "no instance" : String.join(" and ", shown)));
        }
    }

    private static List<String> uris(X509Certificate certificate) throws CertificateException {
        List<String> uris = new ArrayList<>();
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        if (names != null) {
            for (List<?> name : names) {
                if (name.getFirst().equals(URI)) {
                    uris.add((String) name.get(1));
                }
            }
        }
        return uris;
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authority.getAcceptedIssuers();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw onlyEngines();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw onlyEngines();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw onlyEngines();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw onlyEngines();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw onlyEngines();
    }

    private static CertificateException onlyEngines() {
        return new CertificateException("only servers are judged here, by the peer that an engine names");
    }
}
