package dev.haulout.proxy.account;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * An account of the server: a row of {@code mysql.global_priv} that isn't a role.
 *
 * @param user its name; empty for an anonymous account
 * @param host its host pattern; {@code %} where the table has an empty string
 * @param methods how it may be proven, in the order the server tries them; at least one
 * @param tls its {@code REQUIRE} clause
 * @param locked {@code ACCOUNT LOCK}
 * @param passwordChanged seconds of Unix time at which the password was set; 0 when it was expired by hand, -1 when
 *     the server didn't note it
 * @param passwordLifetime days a password lives; 0 for ever, -1 for the server's {@code default_password_lifetime}
 * @param defaultRole the role that a login activates, if granted; empty for none
 * @param access its global privileges, one bit each as the server numbers them
 */
public record Account(
        String user,
        String host,
        List<AuthMethod> methods,
        TlsRequirement tls,
        boolean locked,
        long passwordChanged,
        long passwordLifetime,
        String defaultRole,
        long access) {

    private static final long CONNECTION_ADMIN = 1L << 32;

    public Account {
        Objects.requireNonNull(user);
        Objects.requireNonNull(host);
        Objects.requireNonNull(tls);
        Objects.requireNonNull(defaultRole);
        methods = List.copyOf(methods);
        if (methods.isEmpty()) {
            throw new IllegalArgumentException("account '" + user + "'@'" + host + "' has no way to log in");
        }
    }

    /** Whether it has CONNECTION ADMIN itself, which allows KILL of others' sessions; a role may give it as well. */
    public boolean mayKillOthers() {
        return (access & CONNECTION_ADMIN) != 0;
    }

    /**
     * Whether its password must be changed before anything else.
     *
     * @param defaultLifetime the server's {@code default_password_lifetime}, in days; 0 for ever
     */
    boolean passwordExpired(Instant now, long defaultLifetime) {
        if (passwordChanged == 0) {
            return true;
        }
        long days = passwordLifetime < 0 ? defaultLifetime : passwordLifetime;
        // The server takes an unnoted change for one in 1970.
        Instant changed = Instant.ofEpochSecond(Math.max(0, passwordChanged));
        return days != 0 && Duration.between(changed, now).toDays() >= days;
    }

    /** {@code 'user'@'host'}. */
    @Override
    public String toString() {
        return "'" + user + "'@'" + host + "'";
    }
}
