package dev.haulout.proxy.account;

import java.util.Objects;

/**
 * A role.
 *
 * @param access its own global privileges, as {@link Account#access()}
 */
record Role(String name, long access) {
    Role {
        Objects.requireNonNull(name);
    }
}
