package dev.haulout.proxy.gateway;

import dev.haulout.proxy.certificate.CertificateAuthority;
import dev.haulout.proxy.certificate.KeyedCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;

/**
 * TLS between gateways. Each shows the certificate that it logs in to servers with, and goes on only with one who shows such
 * a certificate too: what else the release's authority vouches for, as servers and the operator, is turned away.
 */
final class PeerTls {
    private static final String[] VERSIONS = {"TLSv1.3"};
    private static final char[] NO_PASSWORD = {};

    private final SSLContext context;

    private PeerTls(SSLContext context) {
        this.context = context;
    }

    /**
     * Of a gateway.
     *
     * @param ca PEM: the certificates of the release's authority
     * @param certificate PEM: the gateways' certificate
     * @param key PEM: its key
     * @throws IOException when one of them can't be read
     */
    static PeerTls of(byte[] ca, byte[] certificate, byte[] key) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys(KeyedCertificate.read(text(certificate), text(key))).getKeyManagers(),
                    new TrustManager[] {new GatewaysOnly(authority(ca))},
                    null);
            return new PeerTls(context);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("the certificates for other gateways can't be used: " + e.getMessage(), e);
        }
    }

    private static String text(byte[] pem) {
        return new String(pem, StandardCharsets.US_ASCII);
    }

    private static KeyManagerFactory keys(KeyedCertificate own) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        store.setKeyEntry("gateway", own.key(), NO_PASSWORD, own.chain().toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory;
    }

    private static X509ExtendedTrustManager authority(byte[] ca) throws GeneralSecurityException, IOException {
        KeyStore store = emptyStore();
        int number = 0;
        for (Certificate one :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(ca))) {
            store.setCertificateEntry("authority " + number++, one);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    }

    private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** For one who has been called. What comes of the other's certificate shows with the first that is read. */
    SSLSocket calling(Socket connected) throws IOException {
        String address = connected.getInetAddress().getHostAddress();
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(connected, address, connected.getPort(), true);
        socket.setEnabledProtocols(VERSIONS);
        return socket;
    }

    /** For one who calls. */
    SSLSocket called(Socket accepted) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(accepted, null, true);
        socket.setEnabledProtocols(VERSIONS);
        socket.setNeedClientAuth(true);
        return socket;
    }

    /** Judges whoever it is by what he logs in to servers with, be he the one who called or the one who was called. */
    private static final class GatewaysOnly extends X509ExtendedTrustManager {
        private static final X500Principal GATEWAY = new X500Principal("CN=" + CertificateAuthority.GATEWAY);

        private final X509ExtendedTrustManager authority;

        GatewaysOnly(X509ExtendedTrustManager authority) {
            this.authority = authority;
        }

        private void check(X509Certificate[] chain, String authType) throws CertificateException {
            authority.checkClientTrusted(chain, authType);
            X500Principal subject = chain[0].getSubjectX500Principal();
            if (!subject.equals(GATEWAY)) {
                throw new CertificateException("its certificate must be a gateway's, and is of " + subject);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            check(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            check(chain, authType);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            check(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return authority.getAcceptedIssuers();
        }
    }
}
