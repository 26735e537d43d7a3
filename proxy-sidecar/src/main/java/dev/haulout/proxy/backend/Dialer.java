package dev.haulout.proxy.backend;

import dev.haulout.proxy.transport.Transport;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;

/** Makes the connections to servers. */
final class Dialer {
    private static final int CONNECT_MILLIS = 10_000;

    /** Of gateways another may be there. */
    private static final int CONNECT_TO_GATEWAY_MILLIS = 3_000;

    /** How long a gateway's node may not answer. */
    private static final int SILENCE_SECONDS = 30;

    private Dialer() {}

    /**
     * Connects.
     *
     * @param gateway whether it is one of several gateways: that its node is gone is then to be known long before the
     *     kernel would say so
     */
    static ChannelFuture dial(EventLoop loop, SocketAddress address, boolean gateway, ChannelHandler handler) {
        boolean local = address instanceof DomainSocketAddress;
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, gateway ? CONNECT_TO_GATEWAY_MILLIS : CONNECT_MILLIS)
                .handler(handler);
        Transport.connect(bootstrap, loop, local);
        if (!local) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true).option(ChannelOption.SO_KEEPALIVE, true);
        }
        if (!local && gateway) {
            Transport.endWhenSilent(bootstrap, loop, SILENCE_SECONDS);
        }
        return bootstrap.connect(address);
    }
}
