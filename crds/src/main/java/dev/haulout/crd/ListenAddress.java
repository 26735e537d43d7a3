package dev.haulout.crd;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;

/** An address a door listens on, as {@link Host#listen()} writes it. Its string form is the written one. */
public sealed interface ListenAddress {
    /** The written form as a regular expression of RE2 and of Java: only whole, numeric addresses. */
    String PATTERN = "^(unix:/[!-~]{1,106}|(" + ListenAddressForm.IPV4 + "|\\[(" + ListenAddressForm.IPV6 + ")\\]):"
            + ListenAddressForm.PORT + ")$";

    /**
     * A TCP address.
     *
     * @param address the address to bind, possibly the wildcard
     * @param port 1 to 65535
     */
    record Tcp(InetAddress address, int port) implements ListenAddress {
        @Override
        public boolean overlaps(ListenAddress other) {
            return other instanceof Tcp tcp
                    && port == tcp.port
                    && (address.equals(tcp.address) || covers(address, tcp.address) || covers(tcp.address, address));
        }

        /** The IPv6 wildcard takes IPv4 connections too, as Linux has it unless told otherwise. */
        private static boolean covers(InetAddress wide, InetAddress narrow) {
            return wide.isAnyLocalAddress() && (wide instanceof Inet6Address || wide.getClass() == narrow.getClass());
        }

        @Override
        public String toString() {
            String host = address.getHostAddress();
            return (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * A unix socket.
     *
     * @param path absolute and short enough for the kernel (107 bytes)
     */
    record Unix(Path path) implements ListenAddress {
        @Override
        public boolean overlaps(ListenAddress other) {
            return other instanceof Unix unix && path.normalize().equals(unix.path.normalize());
        }

        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    /**
     * A unix socket in the abstract namespace, which no file stands for. Manifests can't name one.
     *
     * @param name without the NUL that begins it for the kernel
     */
    record Abstract(String name) implements ListenAddress {
        @Override
        public boolean overlaps(ListenAddress other) {
            return equals(other);
        }

        @Override
        public String toString() {
            return "unix:@" + name;
        }
    }

    /**
     * Reads a written address. Asks no resolver: only numeric addresses are addresses.
     *
     * @param text the written form
     * @return the address
     * @throws IllegalArgumentException when the text has another form
     */
    static ListenAddress parse(String text) {
        if (!ListenAddressForm.WHOLE.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is not an address to listen on; write for example 127.0.0.1:3307, [::1]:3307 or"
                    + " unix:/run/shop.sock");
        }
        if (text.startsWith("unix:")) {
            return new Unix(Path.of(text.substring("unix:".length())));
        }
        int colon = text.lastIndexOf(':');
        try {
            return new Tcp(
                    InetAddress.getByName(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("a numeric address was not understood: " + text, e);
        }
    }

    /**
     * Whether both cannot be listened on at once.
     *
     * @param other the other address
     * @return true when they are the same, or one is a wildcard that takes in the other
     */
    boolean overlaps(ListenAddress other);
}
