package dev.haulout.proxy.door;

import dev.haulout.crd.ListenAddress;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.protocol.PacketDecoder;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.session.ClientAddress;
import dev.haulout.proxy.session.Session;
import dev.haulout.proxy.session.SessionSetup;
import dev.haulout.proxy.tls.DoorTls;
import dev.haulout.proxy.transport.Transport;
import dev.haulout.proxy.wake.Instance;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** One listening address of an instance, open whether or not its server runs. */
public final class Door implements AutoCloseable {
    /** No handshake response is longer: 128 characters of user, 64 of database, a proof, and 4 KB of attributes. */
    private static final int LONGEST_BEFORE_LOGIN = 8 * 1024;

    private static final int BACKLOG = 4096;

    private final ListenAddress address;
    private final Channel listener;
    private final boolean inherited;

    private Door(ListenAddress address, Channel listener, boolean inherited) {
        this.address = address;
        this.listener = listener;
        this.inherited = inherited;
    }

    /**
     * Opens a door at a socket of its own. Blocks for the moment that takes.
     *
     * @param address port 0 takes a free one
     * @param tls for clients that ask for it; empty where none is offered
     * @throws IOException when the address can't be had; the message names it and the remedy
     */
    public static Door open(
            EventLoopGroup loops,
            ListenAddress address,
            Instance instance,
            DoorRules rules,
            DoorMeters meters,
            Optional<DoorTls> tls)
            throws IOException, InterruptedException {
        return open(loops, InheritedSockets.NONE, address, instance, rules, meters, tls);
    }

    /**
     * Opens a door at the socket that was inherited for it, or else at one of its own. Blocks for the moment that takes.
     *
     * @param loops from {@link Transport#adoptingLoops} unless there are no {@code inherited} ones
     * @param tls for clients that ask for it; empty where none is offered
     * @throws IOException when the address can't be had; the message names it and the remedy
     */
    public static Door open(
            EventLoopGroup loops,
            InheritedSockets inherited,
            ListenAddress address,
            Instance instance,
            DoorRules rules,
            DoorMeters meters,
            Optional<DoorTls> tls)
            throws IOException, InterruptedException {
        boolean local = address instanceof ListenAddress.Unix;
        ServerBootstrap bootstrap =
                new ServerBootstrap().group(loops).childHandler(new Visitors(instance, rules, meters, tls));
        if (!local) {
            bootstrap.childOption(ChannelOption.TCP_NODELAY, true).childOption(ChannelOption.SO_KEEPALIVE, true);
        }
        Optional<InheritedSocket> given = inherited.at(address);
        return given.isPresent()
                ? adopt(bootstrap, given.get(), address, instance)
                : bind(bootstrap, loops, address, instance);
    }

    /** Whose file and whose mode a unix socket has is for its owner to say. */
    private static Door adopt(
            ServerBootstrap bootstrap, InheritedSocket socket, ListenAddress address, Instance instance)
            throws IOException, InterruptedException {
        Transport.adopt(bootstrap, socket.duplicate(), address instanceof ListenAddress.Unix);
        var register = bootstrap.register().await();
        if (!register.isSuccess()) {
            throw unopened(address, instance, register.cause());
        }
        return new Door(address, register.channel(), true);
    }

    private static Door bind(ServerBootstrap bootstrap, EventLoopGroup loops, ListenAddress address, Instance instance)
            throws IOException, InterruptedException {
        if (address instanceof ListenAddress.Unix unix) {
            clearStale(unix.path());
        }
        Transport.listen(bootstrap, loops, address instanceof ListenAddress.Unix);
        bootstrap.option(ChannelOption.SO_BACKLOG, BACKLOG);
        if (address instanceof ListenAddress.Tcp) {
            bootstrap.option(ChannelOption.SO_REUSEADDR, true);
        }
        SocketAddress where = switch (address) {
            case ListenAddress.Tcp tcp -> new InetSocketAddress(tcp.address(), tcp.port());
            case ListenAddress.Unix unix -> new DomainSocketAddress(unix.path().toString());
        };
        var bind = bootstrap.bind(where).await();
        if (!bind.isSuccess()) {
            throw unopened(address, instance, bind.cause());
        }
        if (address instanceof ListenAddress.Unix unix) {
            // who may log in is for the accounts to say, as with the server's own socket
            Files.setPosixFilePermissions(unix.path(), PosixFilePermissions.fromString("rw-rw-rw-"));
        }
        return new Door(address, bind.channel(), false);
    }

    private static IOException unopened(ListenAddress address, Instance instance, Throwable cause) {
        return new IOException(
                "the door " + address + " of " + instance.settings().name() + " can't be opened: " + reason(cause),
                cause);
    }

    private static String reason(Throwable cause) {
        for (Throwable deeper = cause; deeper != null; deeper = deeper.getCause()) {
            if (String.valueOf(deeper.getMessage()).contains("Too many open files")) {
                return "this process has as many files open as it may: raise the hard limit (ulimit -Hn, or"
                        + " LimitNOFILE= in its unit), or keep fewer sessions";
            }
        }
        return cause.getMessage() + "; choose another address or stop what listens there";
    }

    private static void clearStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException nobodyListens) {
            Object type = Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            boolean socket = ((Integer) type & 0170000) == 0140000;
            if (!socket) {
                throw new IOException(
                        "the door unix:" + path + " can't be opened: a file that is no socket lies there;"
                                + " remove it or choose another path",
                        nobodyListens);
            }
            Files.delete(path);
            return;
        }
        throw new IOException("the door unix:" + path + " can't be opened: somebody listens there; stop it or choose"
                + " another path");
    }

    /** The address it was asked to listen on. */
    public ListenAddress address() {
        return address;
    }

    /** The port it really listens on; 0 for a unix socket. */
    public int port() {
        return listener.localAddress() instanceof InetSocketAddress tcp ? tcp.getPort() : 0;
    }

    /** Takes no more visitors; those inside stay, and those before an inherited socket wait for who opens it next. */
    @Override
    public void close() {
        EventLoopGroup loops = listener.eventLoop().parent();
        listener.close().awaitUninterruptibly();
        for (EventExecutor loop : loops) {
            loop.submit(() -> {}).awaitUninterruptibly(); // who has been let in is among the sessions by then
        }
        if (!inherited && address instanceof ListenAddress.Unix unix) {
            try {
                Files.deleteIfExists(unix.path());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /** Receives each connection. */
    private static final class Visitors extends ChannelInitializer<Channel> {
        private final Instance instance;
        private final DoorRules rules;
        private final DoorMeters meters;
        private final Optional<DoorTls> tls;
        private final SessionSetup setup;

        Visitors(Instance instance, DoorRules rules, DoorMeters meters, Optional<DoorTls> tls) {
            this.instance = instance;
            this.rules = rules;
            this.meters = meters;
            this.tls = tls;
            this.setup = new SessionSetup(
                    rules.ids(),
                    rules.loginDeadline(),
                    rules.throttle(),
                    meters,
                    tls.isPresent(),
                    this::nowKnown,
                    this::gone);
        }

        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        protected void initChannel(Channel channel) throws IOException {
            ClientAddress address = addressOf(channel);
            PacketDecoder decoder = new PacketDecoder(LONGEST_BEFORE_LOGIN);
            Session session = new Session(instance, setup, address, decoder);
            if (!admit(session, channel, 0)) {
                return;
            }
            if (channel.remoteAddress() instanceof InetSocketAddress peer
                    && rules.proxies().contain(peer)) {
                channel.pipeline().addLast(new ProxyEntrance(truth -> cameFrom(session, channel, truth)));
            }
            tls.ifPresent(offered -> channel.pipeline().addLast(new TlsEntrance(offered, session)));
            channel.pipeline().addLast(decoder, session);
        }

        private boolean admit(Session session, Channel channel, int sequence) {
            if (rules.strangers().admit(session.source(), session, () -> sendAway(channel))) {
                return true;
            }
            meters.loginRefused("limit");
            SqlError full = new SqlError(1040, "08004", "Too many connections that have not logged in");
            channel.writeAndFlush(full.frame(channel.alloc(), sequence, false))
                    .addListener(ChannelFutureListener.CLOSE);
            return false;
        }

        /** It counts to where it is in truth, and to the proxy no more. It has been greeted by now. */
        private void cameFrom(Session session, Channel channel, ClientAddress truth) {
            rules.strangers().release(session.source(), session);
            session.cameFrom(truth);
            admit(session, channel, 1);
        }

        private void sendAway(Channel channel) {
            meters.loginRefused("limit");
            channel.close();
        }

        private static ClientAddress addressOf(Channel channel) throws IOException {
            if (channel instanceof DomainSocketChannel local) {
                PeerCredentials peer = Transport.peer(local);
                return new ClientAddress.Unix(peer.uid(), peer.pid(), OsUsers.name(peer.uid()));
            }
            return new ClientAddress.Tcp(
                    (InetSocketAddress) channel.remoteAddress(), (InetSocketAddress) channel.localAddress());
        }

        private void nowKnown(Session session) {
            rules.strangers().release(session.source(), session);
        }

        private void gone(Session session) {
            rules.strangers().release(session.source(), session);
        }
    }
}
