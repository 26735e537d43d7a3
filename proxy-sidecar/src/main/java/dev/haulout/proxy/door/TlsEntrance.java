package dev.haulout.proxy.door;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.session.Session;
import dev.haulout.proxy.tls.ClientAuthority;
import dev.haulout.proxy.tls.DoorCertificate;
import dev.haulout.proxy.tls.DoorTls;
import dev.haulout.proxy.tls.TlsSession;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a client's first packet: where that asks for TLS, TLS begins with the next byte. Either way it is gone then, so
 * that a connection without TLS has nothing more in its way.
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection#sslrequest-packet">
 *     SSLRequest packet</a>
 */
final class TlsEntrance extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(TlsEntrance.class);

    private static final int CAPABILITIES = 4;

    private final DoorTls tls;
    private final Session session;
    private boolean waiting;

    TlsEntrance(DoorTls tls, Session session) {
        this.tls = tls;
        this.session = session;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (waiting || in.readableBytes() < Wire.HEADER) {
            return;
        }
        int length = Wire.payloadLength(in);
        if (length != HandshakeResponse.SSL_REQUEST_LENGTH) {
            context.pipeline().remove(this);
            return;
        }
        if (in.readableBytes() < Wire.HEADER + CAPABILITIES) {
            return;
        }
        if (!Capability.has(in.getUnsignedIntLE(in.readerIndex() + Wire.HEADER), Capability.SSL)) {
            context.pipeline().remove(this);
            return;
        }
        if (in.readableBytes() < Wire.HEADER + length) {
            return;
        }
        in.skipBytes(Wire.HEADER + length);
        tls.present().ifPresentOrElse(shown -> begin(context, shown), () -> await(context));
    }

    private void begin(ChannelHandlerContext context, DoorCertificate shown) {
        Optional<ClientAuthority> clients = tls.clients();
        SslHandler handler = shown.handler(context.alloc(), clients.isPresent());
        session.secure(new TlsSession(handler, shown, clients));
        context.pipeline().addAfter(context.name(), "tls", handler);
        context.pipeline().remove(this); // what the client sent behind its request goes on to the handler
    }

    /** The certificate isn't at hand: the client is read no further until it is. */
    private void await(ChannelHandlerContext context) {
        waiting = true;
        context.channel().config().setAutoRead(false);
        Thread.ofVirtual().name("certificate").start(() -> {
            try {
                DoorCertificate shown = tls.certificate();
                context.executor().execute(() -> goOn(context, shown));
            } catch (IOException e) {
                log.error("no TLS for clients that ask for it: {}", e.getMessage());
                context.executor().execute(context::close);
            }
        });
    }

    private void goOn(ChannelHandlerContext context, DoorCertificate shown) {
        if (!context.isRemoved()) {
            context.channel().config().setAutoRead(true);
            begin(context, shown);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (!waiting) {
            super.channelReadComplete(context); // which would have the session read on
        }
    }
}
