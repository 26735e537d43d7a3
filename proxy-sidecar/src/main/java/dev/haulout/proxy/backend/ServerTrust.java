package dev.haulout.proxy.backend;

import dev.haulout.proxy.tls.TlsLibrary;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;

/**
 * Which servers are ours and who we are to them: the authority that vouches for their certificates, and a certificate of
 * our own where servers ask for one. One for all instances, who share its keys and the sessions that can be resumed.
 *
 * <p>TLS 1.2 and 1.3, by BoringSSL where Netty has it for this machine, by Java's own TLS elsewhere.
 */
public final class ServerTrust {
    private final SslContext context;

    private ServerTrust(SslContext context) {
        this.context = context;
    }

    /**
     * Without a certificate of our own.
     *
     * @param ca PEM: the certificates of the authority, of which a server's certificate must come
     * @throws IOException when it can't be read
     */
    public static ServerTrust of(byte[] ca) throws IOException {
        return build(TlsLibrary.provider(), ca, SslContextBuilder.forClient());
    }

    /**
     * With a certificate of our own.
     *
     * @param ca PEM: the certificates of the authority, of which a server's certificate must come
     * @param certificate PEM: our certificate, and those between it and the authority
     * @param key PEM: its key, PKCS #8 and not encrypted
     * @throws IOException when one of them can't be read
     */
    public static ServerTrust of(byte[] ca, byte[] certificate, byte[] key) throws IOException {
        return of(TlsLibrary.provider(), ca, certificate, key);
    }

    static ServerTrust of(SslProvider provider, byte[] ca, byte[] certificate, byte[] key) throws IOException {
        SslContextBuilder builder = SslContextBuilder.forClient();
        try {
            builder.keyManager(new ByteArrayInputStream(certificate), new ByteArrayInputStream(key));
        } catch (IllegalArgumentException e) {
            throw new IOException("our own certificate for servers, or its key, is not to be read as PEM", e);
        }
        return build(provider, ca, builder);
    }

    private static ServerTrust build(SslProvider provider, byte[] ca, SslContextBuilder builder) throws IOException {
        return new ServerTrust(builder.sslProvider(provider)
                .protocols(TlsLibrary.VERSIONS)
                .trustManager(trustManager(ca))
                .endpointIdentificationAlgorithm(null) // an instance's UID is looked for instead of a host name
                .build());
    }

    private static InstanceTrustManager trustManager(byte[] ca) throws IOException {
        try {
            Collection<? extends Certificate> authorities =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(ca));
            if (authorities.isEmpty()) {
                throw new CertificateException("there is none");
            }
            return InstanceTrustManager.of(authorities);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the certificates of the authority for servers are not to be read as PEM: " + e.getMessage(), e);
        }
    }

    /** TLS towards the server of the instance with this UID (Kubernetes' {@code metadata.uid}). Costs next to nothing. */
    public BackendTls instance(String uid) {
        return new BackendTls(context, uid);
    }
}
