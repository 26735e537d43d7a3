package dev.haulout.proxy.door;

import dev.haulout.proxy.session.ClientAddress;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.ProtocolDetectionState;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the first bytes of a client that came from a trusted network: a PROXY header of version 1 or 2 tells where the
 * client is in truth. As with MariaDB's own {@code proxy_protocol_networks} there need not be one. It is gone after that.
 *
 * @see <a href="https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt">The PROXY protocol</a>
 */
final class ProxyEntrance extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(ProxyEntrance.class);

    /** Of version 2's further information, of which none is read. */
    private static final int MOST_FURTHER_BYTES = 1024;

    private final Consumer<ClientAddress> told;

    /** @param told given where the client is in truth, before anything that it says is read */
    ProxyEntrance(Consumer<ClientAddress> told) {
        this.told = told;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        ProtocolDetectionState found = HAProxyMessageDecoder.detectProtocol(in).state();
        if (found == ProtocolDetectionState.NEEDS_MORE_DATA) {
            return;
        }
        if (found == ProtocolDetectionState.DETECTED) {
            String name = "proxy-header";
            context.pipeline().addAfter(context.name(), name, new HAProxyMessageDecoder(MOST_FURTHER_BYTES));
            context.pipeline().addAfter(name, "proxy-address", new Address());
        }
        context.pipeline().remove(this); // what was read goes on to whoever stands behind it
    }

    /** Hears the header, and is gone then. */
    private final class Address extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (!(message instanceof HAProxyMessage header)) {
                super.channelRead(context, message);
                return;
            }
            try {
                boolean tells = header.command() == HAProxyCommand.PROXY
                        && (header.proxiedProtocol().addressFamily() == AddressFamily.AF_IPv4
                                || header.proxiedProtocol().addressFamily() == AddressFamily.AF_IPv6);
                if (tells) {
                    told.accept(new ClientAddress.Tcp(
                            new InetSocketAddress(InetAddress.ofLiteral(header.sourceAddress()), header.sourcePort()),
                            new InetSocketAddress(
                                    InetAddress.ofLiteral(header.destinationAddress()), header.destinationPort())));
                }
            } finally {
                header.release();
            }
            context.pipeline().remove(this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            log.info(
                    "a connection from {} is closed: its PROXY header can't be read ({})",
                    context.channel().remoteAddress(),
                    cause.getMessage());
            context.close();
        }
    }
}
