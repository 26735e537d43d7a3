package dev.haulout.operator.desired;

import java.util.Map;
import java.util.TreeMap;

/** SQL that the server itself runs: once, when the data directory is made, and at every start. */
final class ServerSql {
    private ServerSql() {}

    /** The accounts of operator and gateways. They have no password: only the certificate lets them in. */
    static String accounts() {
        return "";
    }

    /** Sets globals again that were changed while the server ran. */
    static String globals(Map<String, String> changed) {
        StringBuilder sql = new StringBuilder();
        new TreeMap<>(changed)
                .forEach((name, literal) -> sql.append("SET GLOBAL ")
                        .append(name)
                        .append(" = ")
                        .append(literal)
                        .append(";\n"));
        return sql.toString();
    }
}
