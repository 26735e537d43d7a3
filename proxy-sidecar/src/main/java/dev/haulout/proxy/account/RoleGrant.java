package dev.haulout.proxy.account;

import java.util.Objects;

/**
 * A row of {@code mysql.roles_mapping}.
 *
 * @param user the account or role that was granted one
 * @param host the account's host pattern; empty when the grantee is a role
 * @param role what it was granted
 */
record RoleGrant(String user, String host, String role) {
    RoleGrant {
        Objects.requireNonNull(user);
        Objects.requireNonNull(host);
        Objects.requireNonNull(role);
    }
}
