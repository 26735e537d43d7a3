package dev.haulout.proxy.account;

import java.util.Optional;

/**
 * A client that wants in, as its handshake response and its connection show it.
 *
 * @param user the name it gives, as it gives it
 * @param host where it comes from
 * @param osUser the name of the OS user at the other end of the unix socket; empty over TCP, or when the user id has no
 *     name
 * @param tls empty when it speaks in clear
 * @param pluginAuth whether it has {@code CLIENT_PLUGIN_AUTH}
 * @param handlesExpiredPasswords whether it has {@code CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS}
 */
public record Login(
        String user,
        ClientHost host,
        Optional<String> osUser,
        Optional<Tls> tls,
        boolean pluginAuth,
        boolean handlesExpiredPasswords) {

    private static final int LONGEST_USER_NAME = 128;

    public Login {
        // The server, too, takes off quotes around the name and cuts it.
        if (user.length() > 1 && user.startsWith("'") && user.endsWith("'")) {
            user = user.substring(1, user.length() - 1);
        }
        if (user.codePointCount(0, user.length()) > LONGEST_USER_NAME) {
            user = user.substring(0, user.offsetByCodePoints(0, LONGEST_USER_NAME));
        }
    }
}
