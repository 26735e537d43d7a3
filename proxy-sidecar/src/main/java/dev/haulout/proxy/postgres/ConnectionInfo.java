package dev.haulout.proxy.postgres;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where and as whom to connect, from a connection string as libpq has it: {@code dbname=foo host=/run/postgresql} or a
 * URI.
 *
 * @param host a name or address, or the folder of a unix socket
 * @param sslMode disable, allow, prefer, require, verify-ca or verify-full
 */
public record ConnectionInfo(
        String host, int port, String user, String password, String database, String sslMode, String application) {
    private static final Pattern PAIR =
            Pattern.compile("\\s*(\\w+)\\s*=\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|((?:[^\\s\\\\]|\\\\.)*))\\s*");
    private static final Pattern URI = Pattern.compile(
            "postgres(?:ql)?://(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?\\[]*|\\[[^]]*])(?::(\\d+))?(?:/([^?]*))?(?:\\?(.*))?");
    /** Known to libpq and of no consequence here. */
    private static final Set<String> IGNORED = Set.of(
            "connect_timeout",
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "client_encoding",
            "fallback_application_name",
            "gssencmode",
            "target_session_attrs",
            "channel_binding",
            "tcp_user_timeout",
            "options");

    /** @throws IllegalArgumentException when it can't be read, or names what is not known */
    public static ConnectionInfo parse(String text) {
        Map<String, String> values = new LinkedHashMap<>();
        Matcher uri = URI.matcher(text);
        if (uri.matches()) {
            fromUri(uri, values);
        } else {
            fromPairs(text, values);
        }
        String user = values.getOrDefault("user", environment("PGUSER", System.getProperty("user.name")));
        ConnectionInfo info = new ConnectionInfo(
                values.getOrDefault("hostaddr", values.getOrDefault("host", environment("PGHOST", socketFolder()))),
                Integer.parseInt(values.getOrDefault("port", environment("PGPORT", "5432"))),
                user,
                values.getOrDefault("password", environment("PGPASSWORD", "")),
                values.getOrDefault("dbname", environment("PGDATABASE", user)),
                values.getOrDefault("sslmode", "prefer").toLowerCase(Locale.ROOT),
                values.getOrDefault("application_name", "haulout"));
        values.keySet().removeAll(IGNORED);
        values.keySet()
                .removeAll(Set.of(
                        "user", "host", "hostaddr", "port", "password", "dbname", "sslmode", "application_name"));
        if (!values.isEmpty()) {
            throw new IllegalArgumentException(
                    "invalid connection option \"" + values.keySet().iterator().next() + "\"");
        }
        return info;
    }

    boolean isLocal() {
        return host.startsWith("/") || host.startsWith("@");
    }

    /** The unix socket in the host's folder. */
    Path socket() {
        return Path.of(host, ".s.PGSQL." + port);
    }

    private static String environment(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? otherwise : value;
    }

    private static String socketFolder() {
        return Files.isDirectory(Path.of("/var/run/postgresql")) ? "/var/run/postgresql" : "localhost";
    }

    private static void fromPairs(String text, Map<String, String> values) {
        Matcher pair = PAIR.matcher(text);
        int at = 0;
        while (at < text.length() && !text.substring(at).isBlank()) {
            if (!pair.find(at) || pair.start() != at) {
                throw new IllegalArgumentException(
                        "missing \"=\" after \"" + text.substring(at).strip() + "\" in connection info string");
            }
            String value = pair.group(2) != null ? pair.group(2) : pair.group(3);
            values.put(pair.group(1), value.replaceAll("\\\\(.)", "$1"));
            at = pair.end();
        }
    }

    private static void fromUri(Matcher uri, Map<String, String> values) {
        put(values, "user", uri.group(1));
        put(values, "password", uri.group(2));
        put(values, "host", uri.group(3) == null ? null : uri.group(3).replaceAll("[\\[\\]]", ""));
        put(values, "port", uri.group(4));
        put(values, "dbname", uri.group(5));
        if (uri.group(6) != null) {
            for (String pair : uri.group(6).split("&")) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    put(values, pair.substring(0, equals), pair.substring(equals + 1));
                }
            }
        }
    }

    private static void put(Map<String, String> values, String name, String value) {
        if (value != null && !value.isEmpty()) {
            values.put(name, URLDecoder.decode(value, StandardCharsets.UTF_8));
        }
    }

    @Override
    public String toString() {
        return "database " + database + " at " + (isLocal() ? socket() : host + ":" + port) + " as " + user;
    }
}
