package dev.haulout.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.function.Consumer;

/**
 * The step from a server's greeting into TLS: SSLRequest, then the handshake, in which the server shows who it is.
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#sslrequest-packet">
 *     SSLRequest packet</a>
 */
final class TlsStep {
    private TlsStep() {}

    /**
     * Takes it, on the connection's event loop.
     *
     * @param sslRequest the packet, written behind what is written already
     * @param secured run once the server has shown that it is the one meant
     * @param failed told otherwise
     */
    static void take(
            Channel channel, BackendTls tls, ByteBuf sslRequest, Runnable secured, Consumer<IOException> failed) {
        channel.writeAndFlush(sslRequest, channel.voidPromise());
        SslHandler handler = tls.handler(channel.alloc());
        handler.handshakeFuture().addListener(done -> {
            if (done.isSuccess()) {
                secured.run();
            } else {
                failed.accept(failure(channel, done.cause()));
            }
        });
        channel.pipeline().addFirst(handler);
    }

    /** What went wrong, in a sentence: what we have against the server's certificate where that was it. */
    static IOException failure(Channel channel, Throwable cause) {
        Throwable reason = cause;
        while (reason != null && !(reason instanceof CertificateException)) {
            reason = reason.getCause();
        }
        return new IOException(
                "TLS with the server at " + channel.remoteAddress() + " failed: "
                        + (reason == null ? cause : reason).getMessage(),
                cause);
    }
}
