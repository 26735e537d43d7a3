package dev.haulout.proxy.account;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the grant tables of a running server the way the server itself reads them at its start. */
final class AccountReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern NATIVE_HASH = Pattern.compile(".[0-9A-Fa-f]{40}");
    private static final int ED25519_TEXT_LENGTH = 43;
    private static final String EVERYWHERE = "%";

    private AccountReader() {}

    static AccountBook read(SqlReader reader) throws IOException {
        ServerSettings settings = settings(reader);
        List<Account> accounts = new ArrayList<>();
        List<Role> roles = new ArrayList<>();
        for (List<String> row : reader.query("SELECT Host, User, Priv FROM mysql.global_priv")) {
            String host = text(row, 0);
            String user = text(row, 1);
            JsonNode priv = json(text(row, 2));
            if (priv.path("is_role").isBoolean() && priv.path("is_role").booleanValue()) {
                roles.add(new Role(user, access(priv)));
            } else if (!settings.skipNameResolve() || !isHostName(host)) {
                accounts.add(account(user, host, priv, settings));
            }
        }
        List<RoleGrant> roleGrants = reader.query("SELECT User, Host, Role FROM mysql.roles_mapping").stream()
                .map(row -> new RoleGrant(text(row, 0), text(row, 1), text(row, 2)))
                .toList();
        Set<String> databases = reader.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA").stream()
                .map(row -> text(row, 0))
                .collect(Collectors.toSet());
        Set<String> roleNames = roles.stream().map(Role::name).collect(Collectors.toSet());
        return new AccountBook(settings, accounts, roles, roleGrants, databases, grants(reader, roleNames));
    }

    private static ServerSettings settings(SqlReader reader) throws IOException {
        List<List<String>> rows = reader.query("SELECT @@global.skip_name_resolve, @@global.lower_case_table_names,"
                + " @@global.require_secure_transport, @@global.disconnect_on_expired_password,"
                + " @@global.default_password_lifetime, @@global.version");
        if (rows.size() != 1 || rows.get(0).size() != 6) {
            throw new IOException("the server answered a question for its settings with " + rows.size()
                    + " rows instead of one of six columns");
        }
        List<String> row = rows.get(0);
        try {
            return new ServerSettings(
                    Integer.parseInt(text(row, 0)) != 0,
                    Integer.parseInt(text(row, 1)),
                    Integer.parseInt(text(row, 2)) != 0,
                    Integer.parseInt(text(row, 3)) != 0,
                    Long.parseLong(text(row, 4)),
                    text(row, 5));
        } catch (NumberFormatException e) {
            throw new IOException("the server answered a question for its settings with " + row, e);
        }
    }

    private static Set<Grant> grantsOfObjects(SqlReader reader, Set<String> roles) throws IOException {
        Set<Grant> grants = new LinkedHashSet<>();
        for (List<String> row : reader.query("SELECT Host, Db, User FROM mysql.tables_priv"
                + " WHERE Table_priv <> '' OR Column_priv <> ''"
                + " UNION ALL SELECT Host, Db, User FROM mysql.procs_priv WHERE Proc_priv <> ''")) {
            grants.add(grant(row, roles, false));
        }
        return grants;
    }

    private static List<Grant> grants(SqlReader reader, Set<String> roles) throws IOException {
        Set<Grant> grants = new HashSet<>();
        // Which privileges there are depends on the version; they are all columns from the fourth on.
        for (List<String> row : reader.query("SELECT * FROM mysql.db")) {
            if (row.subList(3, row.size()).contains("Y") && !text(row, 1).isEmpty()) {
                grants.add(grant(row, roles, true));
            }
        }
        grants.addAll(grantsOfObjects(reader, roles));
        return List.copyOf(grants);
    }

    private static Grant grant(List<String> row, Set<String> roles, boolean onDatabase) {
        String user = text(row, 2);
        String host = text(row, 0);
        return new Grant(user, host.isEmpty() && !roles.contains(user) ? EVERYWHERE : host, text(row, 1), onDatabase);
    }

    private static Account account(String user, String host, JsonNode priv, ServerSettings settings) {
        return new Account(
                user,
                host.isEmpty() ? EVERYWHERE : host,
                methods(priv, settings),
                tls(priv),
                priv.path("account_locked").isBoolean()
                        && priv.path("account_locked").booleanValue(),
                number(priv, "password_last_changed", -1),
                number(priv, "password_lifetime", -1),
                string(priv, "default_role"),
                access(priv));
    }

    private static List<AuthMethod> methods(JsonNode priv, ServerSettings settings) {
        if (!priv.isObject()) {
            return List.of(new AuthMethod.Unverifiable("unreadable"));
        }
        JsonNode alternatives = priv.path("auth_or");
        if (!alternatives.isArray() || alternatives.isEmpty()) {
            return List.of(method(priv, settings));
        }
        List<AuthMethod> methods = new ArrayList<>();
        for (JsonNode alternative : alternatives) {
            // One without a plugin stands for that at the top level.
            methods.add(method(alternative.has("plugin") ? alternative : priv, settings));
        }
        return methods;
    }

    private static AuthMethod method(JsonNode holder, ServerSettings settings) {
        String plugin = string(holder, "plugin");
        String value = string(holder, "authentication_string");
        return switch (plugin) {
            case "", ClientPlugin.NATIVE_PASSWORD -> nativePassword(value);
            case "ed25519" -> ed25519(value);
            // Before 11.6 (MDEV-33479) the server takes no notice of the name of another OS user.
            case "unix_socket" -> new AuthMethod.UnixSocket(settings.isSince(11, 6) ? value : "");
            default -> new AuthMethod.Unverifiable(plugin);
        };
    }

    private static AuthMethod nativePassword(String value) {
        if (value.isEmpty()) {
            return new AuthMethod.NativePassword(Secret.of(new byte[0]));
        }
        return NATIVE_HASH.matcher(value).matches()
                ? new AuthMethod.NativePassword(Secret.of(HexFormat.of().parseHex(value, 1, value.length())))
                : new AuthMethod.Unusable(ClientPlugin.NATIVE_PASSWORD);
    }

    private static AuthMethod ed25519(String value) {
        AuthMethod unusable = new AuthMethod.Unusable("ed25519");
        if (value.length() != ED25519_TEXT_LENGTH) {
            return unusable;
        }
        try {
            return new AuthMethod.Ed25519(Secret.of(Base64.getDecoder().decode(value)));
        } catch (IllegalArgumentException e) {
            return unusable;
        }
    }

    private static TlsRequirement tls(JsonNode priv) {
        return switch ((int) number(priv, "ssl_type", 0)) {
            case 1 -> new TlsRequirement.AnyTls();
            case 2 -> new TlsRequirement.ClientCertificate();
            case 3 ->
                new TlsRequirement.Specified(
                        string(priv, "ssl_cipher"), string(priv, "x509_issuer"), string(priv, "x509_subject"));
            default -> new TlsRequirement.None();
        };
    }

    /** As the server's hostname_requires_resolving: neither an address, nor a pattern, nor localhost. */
    private static boolean isHostName(String host) {
        return !host.equalsIgnoreCase("localhost")
                && host.chars().noneMatch(c -> ":%_/".indexOf(c) >= 0)
                && host.chars().anyMatch(c -> c != '.' && !(c >= '0' && c <= '9'));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            // Such a row becomes an account that can't be verified; naming the fault would quote the secret.
            return JSON.missingNode();
        }
    }

    /** Unsigned: all bits set stands for all privileges. */
    private static long access(JsonNode priv) {
        JsonNode value = priv.path("access");
        return value.isIntegralNumber() ? new BigInteger(value.asText()).longValue() : 0;
    }

    private static long number(JsonNode priv, String key, long otherwise) {
        JsonNode value = priv.path(key);
        return value.isIntegralNumber() ? value.longValue() : otherwise;
    }

    private static String string(JsonNode priv, String key) {
        return priv.path(key).isTextual() ? priv.path(key).textValue() : "";
    }

    private static String text(List<String> row, int column) {
        String cell = row.get(column);
        return cell == null ? "" : cell;
    }
}
