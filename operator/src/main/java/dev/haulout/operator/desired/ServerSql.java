package dev.haulout.operator.desired;

import dev.haulout.proxy.certificate.CertificateAuthority;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** SQL that the server itself runs: once, when the data directory is made, and at every start. */
public final class ServerSql {
    /** The operator's account. */
    public static final String OPERATOR = "haulout";

    /** The gateways' account. */
    public static final String GATEWAY = "haulout_gateway";

    /** What tells who may log in, and how. */
    private static final List<String> ACCOUNT_TABLES =
            List.of("global_priv", "roles_mapping", "db", "tables_priv", "procs_priv");

    /** Of the form of a hash, and that of no password anybody knows. */
    private static final String NO_HASH = "*0000000000000000000000000000000000000000";

    private ServerSql() {}

    /**
     * The accounts of operator and gateways. They have no password: only their certificate lets them in. Neither can read
     * or change a row of the owner's, or give rights.
     */
    static String accounts() {
        String operator = "`" + OPERATOR + "`@`%`";
        String gateway = "`" + GATEWAY + "`@`%`";
        return "-- Haulout's own accounts; no password, but a certificate that only Haulout has.\n"
                // a password policy of the owner's refuses hashes, unless it is told not to
                + "SET GLOBAL strict_password_validation = OFF;\n"
                + create(operator, CertificateAuthority.OPERATOR)
                // PROCESS: who is connected, and which transactions there are. CONNECTION ADMIN: to get in when all
                // connections are used up, and to set proxy_protocol_networks. RELOAD: FLUSH SSL, for a new
                // certificate.
                // SHOW VIEW: to be told of tables, without reading them.
                + "GRANT PROCESS, SHUTDOWN, RELOAD, CONNECTION ADMIN, SHOW DATABASES, SHOW VIEW ON *.* TO " + operator
                + ";\n"
                + readAccountTables(operator)
                + "GRANT SELECT ON mysql.event TO " + operator + ";\n"
                + create(gateway, CertificateAuthority.GATEWAY)
                + "GRANT SHOW DATABASES ON *.* TO " + gateway + ";\n"
                + readAccountTables(gateway)
                // such a policy lets nobody have an empty password in any other way
                + "UPDATE mysql.global_priv SET Priv = JSON_SET(Priv, '$.authentication_string', '') WHERE Host = '%'"
                + " AND User IN ('" + OPERATOR + "', '" + GATEWAY + "');\n"
                + "FLUSH PRIVILEGES;\n";
    }

    private static String create(String account, String commonName) {
        return "CREATE USER " + account + " IDENTIFIED VIA mysql_native_password USING '" + NO_HASH
                + "' REQUIRE SUBJECT '/CN=" + commonName + "' AND ISSUER '/CN=" + CertificateAuthority.NAME + "';\n";
    }

    private static String readAccountTables(String account) {
        return ACCOUNT_TABLES.stream()
                .map(table -> "GRANT SELECT ON mysql." + table + " TO " + account + ";\n")
                .collect(Collectors.joining());
    }

    /**
     * Sets globals again that were changed while the server ran. The first error in a server's {@code init-file} makes it
     * skip the rest, so each line swallows its own; a variable that is not known (any more) is an error only at run time
     * when it stands in a text to be executed. A statement ends with the line.
     *
     * @param changed names, and values as SQL literals
     */
    static String globals(Map<String, String> changed) {
        StringBuilder sql = new StringBuilder();
        new TreeMap<>(changed)
                .forEach((name, literal) -> sql.append(
                                "BEGIN NOT ATOMIC DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; EXECUTE IMMEDIATE ")
                        .append(quoted("SET GLOBAL " + name + " = " + literal))
                        .append("; END;\n"));
        return sql.toString();
    }

    private static String quoted(String text) {
        return "'"
                + text.replace("\\", "\\\\")
                        .replace("'", "''")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                        .replace("\0", "\\0")
                + "'";
    }
}
