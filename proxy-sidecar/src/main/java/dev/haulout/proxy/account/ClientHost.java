package dev.haulout.proxy.account;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a client comes from, as the server would see it: {@code localhost} over a unix socket, else the text of its
 * address. Servers run with {@code skip-name-resolve}, so there are no other names.
 *
 * @param text as it stands in error messages, {@code USER()} and host patterns
 * @param local whether it came over a unix socket
 */
public record ClientHost(String text, boolean local) {
    private static final ClientHost LOCAL = new ClientHost("localhost", true);

    /** A client on the door's unix socket. */
    public static ClientHost ofUnixSocket() {
        return LOCAL;
    }

    /** A client at the given address. An IPv4 address mapped into IPv6 counts as IPv4, and a scope is left out. */
    public static ClientHost of(InetAddress address) {
        // Java itself turns mapped addresses into Inet4Address.
        return new ClientHost(address instanceof Inet6Address six ? compressed(six) : address.getHostAddress(), false);
    }

    /** The shortest form, as inet_ntop(3) writes it: the longest run of two or more zero groups becomes "::". */
    private static String compressed(Inet6Address address) {
        byte[] bytes = address.getAddress();
        List<String> groups = new ArrayList<>();
        int runStart = -1;
        int runLength = 1;
        int zeros = 0;
        for (int i = 0; i < 8; i++) {
            int group = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
            groups.add(Integer.toHexString(group));
            zeros = group == 0 ? zeros + 1 : 0;
            if (zeros > runLength) {
                runLength = zeros;
                runStart = i - zeros + 1;
            }
        }
        if (runStart < 0) {
            return String.join(":", groups);
        }
        return String.join(":", groups.subList(0, runStart))
                + "::"
                + String.join(":", groups.subList(runStart + runLength, 8));
    }
}
