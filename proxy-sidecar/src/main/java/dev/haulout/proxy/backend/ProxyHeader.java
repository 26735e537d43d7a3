package dev.haulout.proxy.backend;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * The PROXY protocol's version 2 header, by which a server learns the client's own address.
 *
 * @param client the client's address
 * @param door the address it connected to; of the same family
 * @see <a href="https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt">The PROXY protocol, section 2.2</a>
 */
public record ProxyHeader(InetSocketAddress client, InetSocketAddress door) {
    private static final byte[] SIGNATURE = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};

    /** The header's bytes. */
    public ByteBuf encode(ByteBufAllocator alloc) {
        byte[] from = client.getAddress().getAddress();
        byte[] to = door.getAddress().getAddress();
        boolean six = client.getAddress() instanceof Inet6Address;
        return alloc.buffer(16 + 2 * from.length + 4)
                .writeBytes(SIGNATURE)
                .writeByte(0x21)
                .writeByte(six ? 0x21 : 0x11)
                .writeShort(2 * from.length + 4)
                .writeBytes(from)
                .writeBytes(to)
                .writeShort(client.getPort())
                .writeShort(door.getPort());
    }
}
