package dev.haulout.proxy.lua.library;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaValue;

/** Reads addresses as scripts write them. */
public final class Addresses {
    /** Where MySQL servers listen. */
    public static final int MYSQL = 3306;
    /** Where the control protocol is spoken. */
    public static final int CONTROL = 5478;

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private Addresses() {}

    /** A host and what follows it; port -1 when none is given. */
    private record Parts(String host, int port) {}

    /** Whether it is written as a path or an abstract name. */
    public static boolean isLocal(String text) {
        return text.startsWith("/") || text.startsWith("@");
    }

    /**
     * A local or numeric address.
     *
     * @throws LuaError when it is none, such as a host name
     */
    public static Address numeric(String text, int usualPort) {
        Address address = numericOrNull(text, usualPort);
        if (address == null) {
            throw new LuaError("'" + text + "' is no numeric address; a host name has to go through mysql_resolve()");
        }
        return address;
    }

    /** A local or numeric address, or null. */
    static Address numericOrNull(String text, int usualPort) {
        if (isLocal(text)) {
            return Address.local(text);
        }
        Parts parts = parts(text, usualPort);
        InetAddress literal = literal(parts.host);
        return literal == null ? null : Address.of(new InetSocketAddress(literal, parts.port));
    }

    /** Where to listen: a local or numeric address, or {@code *}, with a port or without. */
    public static Address listening(String text, int usualPort) {
        if (text.equals("*") || text.startsWith("*:")) {
            return Address.of(new InetSocketAddress(parts(text, usualPort).port));
        }
        return numeric(text, usualPort);
    }

    /**
     * Any address; a host name is looked up, which takes its time. Of several, an IPv6 address is preferred.
     *
     * @throws LuaError when it can't be resolved
     */
    static Address resolved(String text, int usualPort) {
        Address numeric = numericOrNull(text, usualPort);
        if (numeric != null) {
            return numeric;
        }
        Parts parts = parts(text, usualPort);
        try {
            InetAddress[] all = InetAddress.getAllByName(parts.host);
            InetAddress chosen = all[0];
            for (InetAddress one : all) {
                if (one instanceof Inet6Address && !(chosen instanceof Inet6Address)) {
                    chosen = one;
                }
            }
            return Address.of(new InetSocketAddress(chosen, parts.port));
        } catch (UnknownHostException e) {
            throw new LuaError("Failed to resolve '" + text + "': Name or service not known");
        }
    }

    private static Parts parts(String text, int usualPort) {
        if (text.startsWith("[")) {
            int end = text.indexOf(']');
            if (end > 0 && (end == text.length() - 1 || text.charAt(end + 1) == ':')) {
                return new Parts(
                        text.substring(1, end),
                        end == text.length() - 1 ? usualPort : port(text, text.substring(end + 2)));
            }
            throw new LuaError("Malformed address '" + text + "'");
        }
        int colon = text.indexOf(':');
        if (colon < 0 || text.indexOf(':', colon + 1) > 0) {
            return new Parts(text, usualPort); // an IPv6 address without brackets has no port
        }
        return new Parts(text.substring(0, colon), port(text, text.substring(colon + 1)));
    }

    private static int port(String text, String port) {
        try {
            int number = Integer.parseInt(port);
            if (number >= 0 && number <= 65535) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new LuaError("Malformed port number in '" + text + "'");
    }

    private static InetAddress literal(String host) {
        try {
            return IPV4.matcher(host).matches() || host.indexOf(':') >= 0 ? InetAddress.ofLiteral(host) : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** An address object, or a string that is a local or numeric address. */
    public static Address argument(LuaValue value, int usualPort) {
        if (value instanceof Address address) {
            return address;
        }
        if (value.type() == LuaValue.TSTRING) {
            return numeric(value.tojstring(), usualPort);
        }
        throw new LuaError("address expected, got " + value.typename());
    }
}
