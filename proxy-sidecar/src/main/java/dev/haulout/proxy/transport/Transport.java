package dev.haulout.proxy.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringBufferRingConfig;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringFixedBufferRingAllocator;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.io.IOException;

/**
 * How sockets are read and written: by io_uring where the kernel allows it, which takes half the system calls, else by epoll.
 * {@code -Dhaulout.io_uring=false} has it use epoll in any case.
 */
public final class Transport {
    /** Of the buffers that all connections of one loop are read into, so that an idle connection has none. */
    private static final short BUFFERS = 1;

    private static final int BUFFER_BYTES = 32 << 10;
    private static final short MOST_BUFFERS = 64;
    private static final int BUFFERS_AT_ONCE = 16;

    /** Netty's usual one relays bulk at a third of the speed of this. */
    private static final ByteBufAllocator MEMORY = PooledByteBufAllocator.DEFAULT;

    static {
        // With one request for many reads Netty 4.2.18 goes on reading when it is told to stop, and as fast as buffers
        // can be
        // made: what a slow reader is sent would all be in memory.
        System.setProperty("io.netty.iouring.recvMultiShotEnabled", "false");
    }

    private Transport() {}

    /** Event loops, as many as there are processors: more would only wake each other. */
    public static EventLoopGroup loops() {
        return loops(handler());
    }

    /** Event loops that can {@link #adopt} sockets, so by epoll: Netty has no way to give io_uring one that exists. */
    public static EventLoopGroup adoptingLoops() {
        return loops(EpollIoHandler.newFactory());
    }

    private static EventLoopGroup loops(IoHandlerFactory handler) {
        return new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), handler);
    }

    private static IoHandlerFactory handler() {
        boolean wanted = Boolean.parseBoolean(System.getProperty("haulout.io_uring", "true"));
        if (!wanted || !IoUring.isAvailable() || !IoUring.isRegisterBufferRingSupported()) {
            return EpollIoHandler.newFactory();
        }
        return IoUringIoHandler.newFactory(new IoUringIoHandlerConfig()
                .setBufferRingConfig(IoUringBufferRingConfig.builder()
                        .bufferGroupId(BUFFERS)
                        .bufferRingSize(MOST_BUFFERS)
                        .batchSize(BUFFERS_AT_ONCE)
                        .allocator(new IoUringFixedBufferRingAllocator(BUFFER_BYTES))
                        .incremental(IoUring.isRegisterBufferRingIncSupported())
                        .build()));
    }

    private static boolean isByRing(EventLoopGroup loops) {
        return loops instanceof IoEventLoopGroup io && io.isIoType(IoUringIoHandler.class);
    }

    /** Has {@code bootstrap} listen by what its loops do. @param local whether on a unix socket */
    public static void listen(ServerBootstrap bootstrap, EventLoopGroup loops, boolean local) {
        bootstrap.childOption(ChannelOption.ALLOCATOR, MEMORY);
        if (isByRing(loops)) {
            bootstrap
                    .channel(local ? IoUringServerDomainSocketChannel.class : IoUringServerSocketChannel.class)
                    .childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, BUFFERS);
        } else {
            bootstrap.channel(local ? EpollServerDomainSocketChannel.class : EpollServerSocketChannel.class);
        }
    }

    /**
     * Has {@code bootstrap} use a socket that listens already; it is to register, not to bind. Its loops are {@link #adoptingLoops}.
     *
     * @param descriptor closed with the channel
     * @param local whether it is a unix socket
     */
    public static void adopt(ServerBootstrap bootstrap, int descriptor, boolean local) {
        bootstrap
                .childOption(ChannelOption.ALLOCATOR, MEMORY)
                .channelFactory(() -> local
                        ? new EpollServerDomainSocketChannel(descriptor, true)
                        : new EpollServerSocketChannel(descriptor));
    }

    /** Has {@code bootstrap} connect by what its loop does. @param local whether to a unix socket */
    public static void connect(Bootstrap bootstrap, EventLoopGroup loop, boolean local) {
        bootstrap.option(ChannelOption.ALLOCATOR, MEMORY);
        if (isByRing(loop)) {
            bootstrap
                    .channel(local ? IoUringDomainSocketChannel.class : IoUringSocketChannel.class)
                    .option(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, BUFFERS);
        } else {
            bootstrap.channel(local ? EpollDomainSocketChannel.class : EpollSocketChannel.class);
        }
    }

    /**
     * Has a TCP connection end when its peer's machine doesn't answer for so long, be it to what was sent or to TCP's
     * keepalives, which the caller turns on.
     */
    public static void endWhenSilent(Bootstrap bootstrap, EventLoopGroup loop, int seconds) {
        boolean ring = isByRing(loop);
        bootstrap
                .option(
                        ring ? IoUringChannelOption.TCP_USER_TIMEOUT : EpollChannelOption.TCP_USER_TIMEOUT,
                        seconds * 1_000)
                .option(ring ? IoUringChannelOption.TCP_KEEPIDLE : EpollChannelOption.TCP_KEEPIDLE, seconds / 2)
                .option(ring ? IoUringChannelOption.TCP_KEEPINTVL : EpollChannelOption.TCP_KEEPINTVL, seconds / 6)
                .option(ring ? IoUringChannelOption.TCP_KEEPCNT : EpollChannelOption.TCP_KEEPCNT, 3);
    }

    /** Who is at the other end of a unix socket that was accepted here. */
    public static PeerCredentials peer(DomainSocketChannel local) throws IOException {
        return local instanceof IoUringDomainSocketChannel ring
                ? ring.peerCredentials()
                : ((EpollDomainSocketChannel) local).peerCredentials();
    }
}
