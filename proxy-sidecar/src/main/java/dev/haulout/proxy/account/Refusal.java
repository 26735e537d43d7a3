package dev.haulout.proxy.account;

/**
 * An error in the server's own words.
 *
 * @param code its number
 * @param sqlState five characters
 * @param message its text
 */
public record Refusal(int code, String sqlState, String message) {

    /** Wrong password, unknown user, missing TLS: the server says the same to all. */
    static Refusal accessDenied(String user, ClientHost host, boolean passwordGiven) {
        return new Refusal(
                1045,
                "28000",
                "Access denied for user '%s'@'%s' (using password: %s)"
                        .formatted(user, host.text(), passwordGiven ? "YES" : "NO"));
    }

    /** As {@link #accessDenied}, where the last method tried knows no passwords. */
    static Refusal accessDeniedWithoutPassword(String user, ClientHost host) {
        return new Refusal(1698, "28000", "Access denied for user '%s'@'%s'".formatted(user, host.text()));
    }

    /** A response of a length that the plugin doesn't know. */
    static Refusal badHandshake() {
        return new Refusal(1043, "08S01", "Bad handshake");
    }

    /** A client without {@code CLIENT_PLUGIN_AUTH} for an account that needs it. */
    static Refusal clientTooOld() {
        return new Refusal(
                1251,
                "08004",
                "Client does not support authentication protocol requested by server; consider upgrading MariaDB client");
    }

    /** Neither TLS nor a unix socket, where {@code require_secure_transport} is on; 11.4 and later. */
    static Refusal insecureTransport() {
        return new Refusal(
                3159,
                "08004",
                "Connections using insecure transport are prohibited while --require_secure_transport=ON.");
    }

    static Refusal accountLocked() {
        return new Refusal(4151, "HY000", "Access denied, this account is locked");
    }

    /** The password has expired and the client couldn't change it. */
    static Refusal passwordExpired() {
        return new Refusal(
                1862,
                "HY000",
                "Your password has expired. To log in you must change it using a client that supports expired"
                        + " passwords");
    }

    /** No account has a host pattern that covers the client. The server says so in place of its greeting. */
    public static Refusal hostNotAllowed(ClientHost host) {
        return new Refusal(
                1130, "HY000", "Host '%s' is not allowed to connect to this MariaDB server".formatted(host.text()));
    }

    static Refusal noSuchDatabase(String database) {
        return new Refusal(1049, "42000", "Unknown database '%s'".formatted(database));
    }

    static Refusal databaseDenied(Account account, String database) {
        return new Refusal(1044, "42000", "Access denied for user %s to database '%s'".formatted(account, database));
    }
}
