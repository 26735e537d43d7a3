package dev.haulout.proxy.door;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.HandshakeResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A client that asks for TLS at a door on loopback, and makes sure of it. */
public final class TlsCaller {
    private TlsCaller() {}

    /**
     * What the door shows.
     *
     * @param host the name that the certificate has to be for
     * @param authority who has to vouch for it
     * @throws javax.net.ssl.SSLHandshakeException when either is not so
     */
    public static X509Certificate certificate(int port, String host, X509Certificate authority)
            throws IOException, GeneralSecurityException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(60_000);
            byte[] header = socket.getInputStream().readNBytes(4);
            socket.getInputStream().readNBytes(header[0] & 0xff);
            socket.getOutputStream().write(sslRequest());
            try (SSLSocket tls =
                    (SSLSocket) trusting(authority).getSocketFactory().createSocket(socket, host, port, true)) {
                SSLParameters parameters = tls.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                tls.setSSLParameters(parameters);
                tls.startHandshake();
                return (X509Certificate) tls.getSession().getPeerCertificates()[0];
            }
        }
    }

    private static SSLContext trusting(X509Certificate authority) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("authority", authority);
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    static byte[] sslRequest() {
        ByteBuf frame = HandshakeResponse.sslRequest(
                UnpooledByteBufAllocator.DEFAULT,
                1,
                Capability.PROTOCOL_41 | Capability.SECURE_CONNECTION | Capability.PLUGIN_AUTH | Capability.SSL,
                1 << 24,
                45);
        try {
            return ByteBufUtil.getBytes(frame);
        } finally {
            frame.release();
        }
    }
}
