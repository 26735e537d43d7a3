package dev.haulout.proxy.account;

import java.nio.charset.StandardCharsets;

/** The server's wildcards in host and database names: "%" for any run, "_" for one byte, "\" before a literal. */
final class Wildcard {
    private Wildcard() {}

    /** Whether the whole text fits the pattern. */
    static boolean matches(String text, String pattern, boolean ignoreCase) {
        // The server compares bytes, so "_" is one byte of UTF-8.
        byte[] t = text.getBytes(StandardCharsets.UTF_8);
        byte[] p = pattern.getBytes(StandardCharsets.UTF_8);
        int at = 0;
        int in = 0;
        int star = -1;
        int retry = 0;
        while (at < t.length) {
            if (in < p.length && p[in] == '%') {
                star = ++in;
                retry = at;
                continue;
            }
            if (in < p.length) {
                boolean escaped = p[in] == '\\' && in + 1 < p.length;
                byte literal = escaped ? p[in + 1] : p[in];
                if ((!escaped && literal == '_') || same(t[at], literal, ignoreCase)) {
                    at++;
                    in += escaped ? 2 : 1;
                    continue;
                }
            }
            if (star < 0) {
                return false;
            }
            in = star;
            at = ++retry;
        }
        while (in < p.length && p[in] == '%') {
            in++;
        }
        return in == p.length;
    }

    private static boolean same(byte a, byte b, boolean ignoreCase) {
        return a == b || (ignoreCase && Character.toLowerCase((char) a) == Character.toLowerCase((char) b));
    }
}
