package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.AuthSwitch;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.ConnectionAttributes;
import dev.haulout.proxy.protocol.Greeting;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.MalformedPacketException;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The packets of one login: the greeting, TLS where it is wanted, the handshake response, and whatever proof the server
 * asks for, up to its verdict. On the connection's event loop.
 */
final class LoginExchange {
    /** No packet of a login is longer, not even an OK with all that a session tracks. */
    private static final int LONGEST = 64 * 1024;

    /** Told how it ends; exactly one of these is called, once, unless {@link #end} comes first. */
    interface Verdict {
        /**
         * The server accepted.
         *
         * @param ok the OK packet's payload; released after the call
         * @param status the flags in it, see {@link dev.haulout.proxy.protocol.ServerStatus}
         */
        void accepted(ByteBuf ok, int status);

        /** The server refused. */
        void refused(SqlError error);

        /** There is no verdict, and won't be. */
        void failed(IOException cause);
    }

    private enum Phase {
        GREETING,
        TLS,
        PROOF,
        OVER
    }

    private final Channel channel;
    private final BackendLogin login;
    private final Optional<BackendTls> tls;
    private final Verdict verdict;
    private Phase phase = Phase.GREETING;
    private ByteBuf gathered;
    private boolean reading;
    private Greeting greeting;
    private long capabilities;

    LoginExchange(Channel channel, BackendLogin login, Optional<BackendTls> tls, Verdict verdict) {
        this.channel = channel;
        this.login = login;
        this.tls = tls;
        this.verdict = verdict;
    }

    /** The server's greeting; null until it came. */
    Greeting greeting() {
        return greeting;
    }

    /** What the handshake response asked for; TLS is not counted among it. */
    long capabilities() {
        return capabilities;
    }

    /**
     * Takes bytes of the server's and releases them.
     *
     * @return what came behind the verdict; nothing readable before that
     */
    ByteBuf read(ByteBuf bytes) {
        gathered = gathered == null
                ? bytes
                : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(channel.alloc(), gathered, bytes);
        reading = true;
        try {
            frames();
            return phase == Phase.OVER && gathered.isReadable()
                    ? gathered.readRetainedSlice(gathered.readableBytes())
                    : Unpooled.EMPTY_BUFFER;
        } finally {
            reading = false;
            if (phase == Phase.OVER || !gathered.isReadable()) {
                release();
            }
        }
    }

    /** Ends it without a verdict. */
    void end() {
        phase = Phase.OVER;
        if (!reading) { // the frame just read is a slice of it
            release();
        }
    }

    private void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }

    private void fail(IOException cause) {
        if (phase != Phase.OVER) {
            end();
            verdict.failed(cause);
        }
    }

    private void frames() {
        while (phase != Phase.OVER && gathered.readableBytes() >= Wire.HEADER) {
            int length = Wire.payloadLength(gathered);
            if (length > LONGEST) {
                fail(new IOException("the server sent a packet of " + length + " bytes during login, where at most "
                        + LONGEST + " are accepted"));
                return;
            }
            if (gathered.readableBytes() < Wire.HEADER + length) {
                return;
            }
            int sequence = Wire.sequence(gathered);
            ByteBuf payload = gathered.readSlice(Wire.HEADER + length);
            payload.skipBytes(Wire.HEADER);
            try {
                frame(sequence, payload);
            } catch (MalformedPacketException e) {
                if (phase == Phase.OVER) {
                    throw e; // not of this packet, but of what somebody did on hearing the verdict
                }
                fail(new IOException("the server sent a " + e.getMessage(), e));
            }
        }
    }

    private void frame(int sequence, ByteBuf payload) {
        int first = payload.isReadable() ? payload.getUnsignedByte(payload.readerIndex()) : -1;
        if (first == 0xff) {
            refuse(SqlError.read(payload));
            return;
        }
        switch (phase) {
            case GREETING -> {
                greeting = Greeting.read(payload);
                greeted();
            }
            case TLS -> fail(new IOException("the server spoke before the login was said"));
            case PROOF -> answered(first, sequence, payload);
            case OVER -> throw new IllegalStateException("a login's frame after its end");
        }
    }

    private void refuse(SqlError error) {
        end();
        verdict.refused(error);
    }

    private void greeted() {
        long wanted = login.capabilities();
        long lacking = wanted & ~greeting.capabilities() & ~(Capability.CLIENT_MYSQL | Capability.CONNECT_WITH_DB);
        // a proof may hold any byte, so it goes with its length even where the client's own would not
        capabilities = wanted & ~Capability.NOT_AT_THE_DOOR | Capability.SECURE_CONNECTION;
        capabilities = login.database().isEmpty()
                ? capabilities & ~Capability.CONNECT_WITH_DB
                : capabilities | Capability.CONNECT_WITH_DB;
        if (login.notices()) {
            capabilities |= greeting.capabilities() & Capability.CONNECT_ATTRS;
        }
        if (lacking != 0) {
            refuse(new SqlError(
                    1927,
                    "70100",
                    "Connection was killed: the server that woke lacks capabilities agreed with this client (0x"
                            + Long.toHexString(lacking) + "); connect again"));
            return;
        }
        if (tls.isPresent()) {
            secure(tls.get());
        } else {
            announceClient();
            respond(1, capabilities);
        }
    }

    /** Before any other byte of ours; the server greets without waiting for it. */
    private void announceClient() {
        if (login.proxyHeader() != null) {
            channel.write(login.proxyHeader().encode(channel.alloc()), channel.voidPromise());
        }
    }

    private void secure(BackendTls how) {
        if (!Capability.has(greeting.capabilities(), Capability.SSL)) {
            fail(new IOException("the server at " + channel.remoteAddress()
                    + " offers no TLS, without which nothing is said to it: set its ssl_cert and ssl_key"));
            return;
        }
        if (gathered.isReadable()) {
            fail(new IOException("the server at " + channel.remoteAddress() + " sent " + gathered.readableBytes()
                    + " bytes behind its greeting, where TLS was to begin: perhaps somebody on the way did"));
            return;
        }
        phase = Phase.TLS;
        announceClient();
        long secured = capabilities | Capability.SSL;
        TlsStep.take(
                channel,
                how,
                HandshakeResponse.sslRequest(channel.alloc(), 1, secured, login.maxPacket(), login.collation()),
                () -> {
                    if (phase == Phase.TLS) {
                        respond(2, secured);
                    }
                },
                this::fail);
    }

    private void respond(int sequence, long flags) {
        phase = Phase.PROOF;
        Prover.Opening opening = login.prover().open(greeting.scramble());
        HandshakeResponse response = new HandshakeResponse(
                flags,
                login.maxPacket(),
                login.collation(),
                login.user(),
                opening.proof(),
                login.database(),
                opening.plugin(),
                attributes(flags));
        channel.writeAndFlush(response.frame(channel.alloc(), sequence), channel.voidPromise());
    }

    private byte[] attributes(long flags) {
        return login.notices() && Capability.has(flags, Capability.CONNECT_ATTRS)
                ? ConnectionAttributes.with(login.attributes(), ConnectionAttributes.SIDECAR, BackendLogin.NOTICES)
                : login.attributes();
    }

    private void answered(int first, int sequence, ByteBuf payload) {
        Consumer<byte[]> reply = proof -> {
            if (phase == Phase.PROOF) {
                channel.writeAndFlush(Wire.frame(channel.alloc(), sequence + 1, proof), channel.voidPromise());
            }
        };
        switch (first) {
            case 0x00 -> {
                int status = status(payload);
                end();
                verdict.accepted(payload, status);
            }
            case 0xfe -> {
                AuthSwitch request = AuthSwitch.read(payload);
                if (!login.prover().prove(request.plugin(), request.data(), reply)) {
                    fail(new IOException("the server asks user " + login.user() + " for a proof by " + request.plugin()
                            + ", which can't be given without the client"));
                }
            }
            case 0x01 -> {
                payload.skipBytes(1);
                byte[] data = new byte[payload.readableBytes()];
                payload.readBytes(data);
                if (!login.prover().more(data, reply)) {
                    fail(new IOException("the server goes on with a login round that has no answer"));
                }
            }
            default -> fail(new IOException("the server sent an unknown packet (" + first + ") during login"));
        }
    }

    private static int status(ByteBuf ok) {
        ByteBuf fields = ok.slice().skipBytes(1);
        Wire.readLengthEncoded(fields);
        Wire.readLengthEncoded(fields);
        if (fields.readableBytes() < 2) {
            throw new MalformedPacketException("an OK without status flags");
        }
        return fields.readUnsignedShortLE();
    }
}
