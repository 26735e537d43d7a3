package dev.haulout.proxy.door;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import java.net.InetSocketAddress;
import java.util.List;

/** Networks of addresses, such as 10.1.0.0/16 and fd00::/8. */
public final class Networks {
    /** No address. */
    public static final Networks NONE = new Networks(List.of());

    private final List<IpSubnetFilterRule> rules;

    private Networks(List<IpSubnetFilterRule> rules) {
        this.rules = rules;
    }

    /**
     * Reads networks, each an address with or without the length of its prefix.
     *
     * @throws IllegalArgumentException when one is none; the message names it and the remedy
     */
    public static Networks parse(List<String> texts) {
        return new Networks(texts.stream().map(Networks::rule).toList());
    }

    private static IpSubnetFilterRule rule(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        try {
            int whole = address.indexOf(':') < 0 ? 32 : 128;
            int prefix = slash < 0 ? whole : Integer.parseInt(text.substring(slash + 1));
            return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(text + " is not a network; write one such as 10.1.0.0/16", e);
        }
    }

    boolean contain(InetSocketAddress address) {
        return rules.stream().anyMatch(rule -> rule.matches(address));
    }
}
