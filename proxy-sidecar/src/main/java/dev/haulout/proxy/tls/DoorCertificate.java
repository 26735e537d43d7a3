package dev.haulout.proxy.tls;

import dev.haulout.proxy.certificate.KeyedCertificate;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/** A certificate as a door shows it, ready for handshakes. */
public final class DoorCertificate {
    private final KeyedCertificate shown;
    private final SslContext context;
    private final byte[] fingerprint;

    private DoorCertificate(KeyedCertificate shown, SslContext context, byte[] fingerprint) {
        this.shown = shown;
        this.context = context;
        this.fingerprint = fingerprint;
    }

    /** @throws IOException when it can't be used, such as a key of a kind that TLS has no use for */
    public static DoorCertificate of(KeyedCertificate shown) throws IOException {
        return of(TlsLibrary.provider(), shown);
    }

    static DoorCertificate of(SslProvider provider, KeyedCertificate shown) throws IOException {
        try {
            SslContext context = SslContextBuilder.forServer(
                            shown.key(), shown.chain().toArray(X509Certificate[]::new))
                    .sslProvider(provider)
                    .protocols(TlsLibrary.VERSIONS)
                    // a client's certificate is judged at its login, by its own instance's authority
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .build();
            if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
                sessions.setSessionCacheEnabled(false); // clients of databases stay; few come back to resume
            }
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(shown.certificate().getEncoded());
            return new DoorCertificate(shown, context, digest);
        } catch (SSLException | GeneralSecurityException e) {
            throw new IOException("the certificate can't be used for TLS: " + e.getMessage(), e);
        }
    }

    /**
     * A handler for one connection.
     *
     * @param asks whether the client is asked for a certificate of its own, which it need not show
     */
    public SslHandler handler(ByteBufAllocator alloc, boolean asks) {
        SslHandler handler = context.newHandler(alloc);
        if (asks) {
            handler.engine().setWantClientAuth(true);
        }
        handler.setHandshakeTimeoutMillis(0); // the login's deadline holds for TLS too
        return handler;
    }

    /** The certificate and its key. */
    public KeyedCertificate shown() {
        return shown;
    }

    /** SHA-256 of the certificate, 32 bytes. */
    public byte[] fingerprint() {
        return fingerprint.clone();
    }
}
