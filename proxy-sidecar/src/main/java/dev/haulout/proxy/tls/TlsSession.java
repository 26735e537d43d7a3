package dev.haulout.proxy.tls;

import dev.haulout.proxy.account.Tls;
import io.netty.handler.ssl.SslHandler;
import java.util.Optional;

/**
 * The TLS of one client's connection.
 *
 * @param handler does it
 * @param certificate what the client was shown
 */
public record TlsSession(SslHandler handler, DoorCertificate certificate) {

    /** Whether the handshake is complete. */
    public boolean isSecured() {
        return handler.handshakeFuture().isSuccess();
    }

    /** As accounts see it; only once it is secured. */
    public Tls asAccountsSeeIt() {
        return new Tls(CipherNames.openSsl(handler.engine().getSession().getCipherSuite()), Optional.empty());
    }
}
