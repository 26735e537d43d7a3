package dev.haulout.proxy.tls;

import dev.haulout.proxy.account.Tls;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** The TLS of one client's connection. On the connection's event loop. */
public final class TlsSession {
    private final SslHandler handler;
    private final DoorCertificate certificate;
    private final Optional<ClientAuthority> clients;
    private Tls judged;

    /**
     * @param handler does it
     * @param certificate what the client is shown
     * @param clients who vouches for the client's certificate; empty where it is asked for none
     */
    public TlsSession(SslHandler handler, DoorCertificate certificate, Optional<ClientAuthority> clients) {
        this.handler = handler;
        this.certificate = certificate;
        this.clients = clients;
    }

    /** Does it. */
    public SslHandler handler() {
        return handler;
    }

    /** What the client was shown. */
    public DoorCertificate certificate() {
        return certificate;
    }

    /** Whether the handshake is complete. */
    public boolean isSecured() {
        return handler.handshakeFuture().isSuccess();
    }

    /**
     * Looks at what the client showed, once it is secured.
     *
     * @throws CertificateException when that is a certificate which nobody vouches for
     */
    public void judge() throws CertificateException {
        SSLSession session = handler.engine().getSession();
        String cipher = CipherNames.openSsl(session.getCipherSuite());
        X509Certificate[] shown = shownBy(session);
        if (clients.isEmpty() || shown.length == 0) {
            judged = new Tls(cipher, Optional.empty());
            return;
        }
        clients.get().check(shown);
        judged = new Tls(
                cipher,
                Optional.of(
                        new Tls.Certificate(shown[0].getIssuerX500Principal(), shown[0].getSubjectX500Principal())));
    }

    private static X509Certificate[] shownBy(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return Arrays.copyOf(chain, chain.length, X509Certificate[].class);
        } catch (SSLPeerUnverifiedException none) {
            return new X509Certificate[0];
        }
    }

    /** As accounts see it, once it has been judged. */
    public Tls asAccountsSeeIt() {
        if (judged == null) {
            throw new IllegalStateException("TLS that nobody has judged");
        }
        return judged;
    }
}
