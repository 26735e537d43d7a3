package dev.haulout.operator.desired;

import java.util.Locale;

/** IPv4 or IPv6. */
public enum AddressFamily {
    /** IPv4. */
    IPV4("IPv4"),
    /** IPv6. */
    IPV6("IPv6");

    private final String type;

    AddressFamily(String type) {
        this.type = type;
    }

    /** As an EndpointSlice's {@code addressType}. */
    String type() {
        return type;
    }

    String suffix() {
        return type.toLowerCase(Locale.ROOT);
    }

    /** The family of a numeric address. */
    static AddressFamily of(String address) {
        return address.indexOf(':') >= 0 ? IPV6 : IPV4;
    }
}
