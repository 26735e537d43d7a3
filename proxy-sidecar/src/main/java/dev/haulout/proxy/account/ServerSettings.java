package dev.haulout.proxy.account;

import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server's global variables that logins and USE depend on.
 *
 * @param skipNameResolve {@code skip_name_resolve}: accounts with host names don't count
 * @param lowerCaseTableNames {@code lower_case_table_names}: 0, 1 or 2; other than 0, names of databases ignore case
 * @param requireSecureTransport {@code require_secure_transport}: TLS or a unix socket for every account
 * @param disconnectOnExpiredPassword {@code disconnect_on_expired_password}: an expired password lets in only clients
 *     that can change it
 * @param defaultPasswordLifetime {@code default_password_lifetime} in days; 0 for ever
 * @param version {@code version}, verbatim
 */
public record ServerSettings(
        boolean skipNameResolve,
        int lowerCaseTableNames,
        boolean requireSecureTransport,
        boolean disconnectOnExpiredPassword,
        long defaultPasswordLifetime,
        String version) {
    private static final Pattern VERSION = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\..*");

    public ServerSettings {
        Objects.requireNonNull(version);
    }

    /** Whether the server is of that release series or a later one; not, when its version can't be read. */
    boolean isSince(int major, int minor) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            return false;
        }
        int had = Integer.parseInt(matcher.group(1));
        return had > major || (had == major && Integer.parseInt(matcher.group(2)) >= minor);
    }
}
