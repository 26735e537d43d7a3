package dev.haulout.proxy.backend;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;

/** Makes the connections to servers. */
final class Dialer {
    private static final int CONNECT_MILLIS = 10_000;

    /** Of gateways another may be there. */
    private static final int CONNECT_TO_GATEWAY_MILLIS = 3_000;

    /** How long a gateway's node may not answer, be it to what was sent or to TCP's keepalives. */
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
                .channel(local ? EpollDomainSocketChannel.class : EpollSocketChannel.class)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, gateway ? CONNECT_TO_GATEWAY_MILLIS : CONNECT_MILLIS)
                .handler(handler);
        if (!local) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true).option(ChannelOption.SO_KEEPALIVE, true);
        }
        if (!local && gateway) {
            bootstrap
                    .option(EpollChannelOption.TCP_USER_TIMEOUT, SILENCE_SECONDS * 1_000)
                    .option(EpollChannelOption.TCP_KEEPIDLE, SILENCE_SECONDS / 2)
                    .option(EpollChannelOption.TCP_KEEPINTVL, SILENCE_SECONDS / 6)
                    .option(EpollChannelOption.TCP_KEEPCNT, 3);
        }
        return bootstrap.connect(address);
    }
}
