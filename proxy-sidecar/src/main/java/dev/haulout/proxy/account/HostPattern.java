package dev.haulout.proxy.account;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Host patterns of accounts and grants: which clients they cover and which of two is the more specific. */
final class HostPattern {
    private static final Pattern IPV4 = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");
    /** HOSTNAME_LENGTH of the server: bounds what a "%" may stand for. */
    private static final int MAX_LENGTH = 255;

    private HostPattern() {}

    /** Whether the pattern covers the client, names not being resolved. */
    static boolean covers(String pattern, ClientHost client) {
        if (client.local()) {
            return Wildcard.matches(client.text(), pattern, true);
        }
        int slash = pattern.indexOf('/');
        if (slash > 0) {
            long network = ipv4(pattern.substring(0, slash));
            long mask = ipv4(pattern.substring(slash + 1));
            long address = ipv4(client.text());
            if (network >= 0 && mask > 0 && address >= 0) {
                return (address & mask) == network;
            }
        }
        return Wildcard.matches(client.text(), pattern, false);
    }

    /**
     * Whether only a resolved name can tell if the pattern covers a TCP client. "localhost" is such a name too: a server
     * that resolves names calls 127.0.0.1 so.
     */
    static boolean mayNeedName(String pattern) {
        return pattern.indexOf(':') < 0 && pattern.chars().anyMatch(Character::isLetter);
    }

    /**
     * A number that is larger the fewer clients a pattern covers, so that sorting by it gives the server's order (its
     * get_magic_sort): patterns with a "%" by how much it may stand for, then by the number of "%"; patterns with "_"
     * only by the number of these; then by the length of the literal prefix; the rest, netmasks included, first.
     */
    static long specificity(String pattern) {
        long literals = 0;
        long single = 0;
        long many = 0;
        long prefix = 0;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '%' || c == '_') {
                if (many == 0 && single == 0) {
                    prefix = literals;
                }
                if (c == '_') {
                    single++;
                } else {
                    many++;
                    while (i + 1 < pattern.length() && pattern.charAt(i + 1) == '%') {
                        i++;
                    }
                }
                continue;
            }
            if (c == '\\' && i + 1 < pattern.length()) {
                i++;
            }
            literals++;
        }
        long open = many > 0 ? MAX_LENGTH - literals - single : 0;
        long base = MAX_LENGTH + 1;
        long breadth = open > single
                ? (((open * 2 + 1) * base + many) * base + single) * base + prefix
                : ((single * 2 * base + open) * base + many) * base + prefix;
        return -breadth;
    }

    /** The value of a dotted IPv4 address, or -1 when the text isn't one. */
    private static long ipv4(String text) {
        Matcher matcher = IPV4.matcher(text);
        if (!matcher.matches()) {
            return -1;
        }
        long value = 0;
        for (int group = 1; group <= 4; group++) {
            int part = Integer.parseInt(matcher.group(group));
            if (part > 255) {
                return -1;
            }
            value = value << 8 | part;
        }
        return value;
    }
}
