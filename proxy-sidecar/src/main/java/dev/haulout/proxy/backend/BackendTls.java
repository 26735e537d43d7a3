package dev.haulout.proxy.backend;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.regex.Pattern;

/**
 * TLS towards the server of one instance: made by {@link ServerTrust#instance}, and small, since all instances share a
 * context. The server must show a certificate whose only URI among the subject's alternative names is
 * {@code urn:haulout:instance:} and the instance's UID; its host name is not looked at.
 */
public final class BackendTls {
    /** The engine's peer is the UID, in place of a host and a port; by both of them sessions are found again. */
    private static final int NO_PORT = 0;

    /** Without capitals, since some caches of sessions don't tell them apart. */
    private static final Pattern UID = Pattern.compile("[0-9a-z-]+");

    private final SslContext context;
    private final String uid;

    BackendTls(SslContext context, String uid) {
        if (!UID.matcher(uid).matches()) {
            throw new IllegalArgumentException(
                    "an instance's UID is made of small letters, digits and hyphens, and \"" + uid + "\" is not");
        }
        this.context = context;
        this.uid = uid;
    }

    /** A handler for one connection: {@link InstanceTrustManager} reads the UID from its engine. */
    SslHandler handler(ByteBufAllocator alloc) {
        SslHandler handler = context.newHandler(alloc, uid, NO_PORT);
        handler.setHandshakeTimeoutMillis(0); // the login's deadline holds for TLS too
        return handler;
    }

    /** What the certificate of the instance with this UID must show. */
    static String uri(String uid) {
        return "urn:haulout:instance:" + uid;
    }

    @Override
    public String toString() {
        return "BackendTls[" + uid + "]";
    }
}
