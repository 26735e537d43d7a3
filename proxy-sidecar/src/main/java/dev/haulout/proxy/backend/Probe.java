package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.PacketDecoder;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Looks whether a server answers at an address, without logging in. */
public final class Probe {
    private static final int LONGEST_GREETING = 1 << 16;
    private static final int ERROR = 0xff;

    private Probe() {}

    /**
     * The greeting of whoever answers, for callers that may block (virtual threads).
     *
     * @param address resolved
     * @param gateway whether it is one of several gateways
     * @param limit how long connection and greeting may take
     * @throws IOException when nobody answers in time, or in another protocol, or with an error
     */
    public static Greeting greeting(EventLoop loop, SocketAddress address, boolean gateway, Duration limit)
            throws IOException, InterruptedException {
        CompletableFuture<Greeting> answer = new CompletableFuture<>();
        ChannelFuture connection = Dialer.dial(loop, address, gateway, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new PacketDecoder(LONGEST_GREETING), new Listener(answer));
            }
        });
        connection.addListener(made -> {
            if (!made.isSuccess()) {
                answer.completeExceptionally(new IOException(made.cause().getMessage(), made.cause()));
            }
        });
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + limit.toMillis() + " ms", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } finally {
            connection.channel().close();
        }
    }

    private static final class Listener extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Greeting> answer;

        Listener(CompletableFuture<Greeting> answer) {
            this.answer = answer;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf frame = (ByteBuf) message;
            try {
                answer.complete(read(frame.skipBytes(Wire.HEADER)));
            } catch (IOException e) {
                answer.completeExceptionally(e);
            } finally {
                frame.release();
            }
            context.close();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            answer.completeExceptionally(new IOException("the connection was closed without a greeting"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            answer.completeExceptionally(new IOException("what answers speaks no MySQL protocol", cause));
            context.close();
        }
    }

    private static Greeting read(ByteBuf payload) throws IOException {
        try {
            if (payload.isReadable() && payload.getUnsignedByte(payload.readerIndex()) == ERROR) {
                throw new IOException("it says " + SqlError.read(payload));
            }
            Greeting greeting = Greeting.read(payload);
            if (!Capability.has(greeting.capabilities(), Capability.PROTOCOL_41 | Capability.PLUGIN_AUTH)) {
                throw new IOException("what answers is older than MariaDB 10.6");
            }
            return greeting;
        } catch (MalformedPacketException e) {
            throw new IOException("what answers speaks no MySQL protocol", e);
        }
    }
}
