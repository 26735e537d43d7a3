package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.LuaObject;
import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaValue;

/** The address of a socket, as scripts hold it: of IP, or a local one (a path, or {@code @name} for an abstract one). */
public final class Address extends LuaObject {
    private final InetSocketAddress ip;
    private final String local;

    private Address(InetSocketAddress ip, String local) {
        this.ip = ip;
        this.local = local;
    }

    /** One of IP. */
    public static Address of(InetSocketAddress ip) {
        return new Address(ip, null);
    }

    /** A local one: {@code /path} or {@code @name}. */
    public static Address local(String name) {
        return new Address(null, name);
    }

    public boolean isLocal() {
        return local != null;
    }

    /** Its IP address and port; null for a local one. */
    public InetSocketAddress ip() {
        return ip;
    }

    /** {@code /path} or {@code @name}; null for one of IP. */
    public String local() {
        return local;
    }

    /**
     * What stands for it when a cluster chooses a node: the bytes of the IP address, with those of the port unless it is
     * {@code usualPort}; or of a local one what the kernel has for its name.
     */
    public byte[] hashed(int usualPort) {
        if (local != null) {
            boolean isAbstract = local.startsWith("@");
            byte[] name = (isAbstract ? local.substring(1) : local).getBytes(StandardCharsets.UTF_8);
            byte[] bytes = new byte[name.length + 1];
            System.arraycopy(name, 0, bytes, isAbstract ? 1 : 0, name.length);
            return bytes;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ip.getAddress().getAddress());
        if (ip.getPort() != usualPort) {
            bytes.write(ip.getPort() >> 8);
            bytes.write(ip.getPort());
        }
        return bytes.toByteArray();
    }

    @Override
    protected LuaValue read(String name) {
        throw new LuaError("Unknown attribute");
    }

    @Override
    public String tojstring() {
        if (local != null) {
            return local;
        }
        InetAddress address = ip.getAddress();
        String host = address.getHostAddress();
        return (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + ip.getPort();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Address address
                && (local != null ? local.equals(address.local) : ip.equals(address.ip));
    }

    @Override
    public int hashCode() {
        return local != null ? local.hashCode() : ip.hashCode();
    }
}
