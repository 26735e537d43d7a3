package dev.haulout.proxy.wake.process;

/**
 * A schema and the account that owns it from anywhere ({@code user@%}).
 *
 * @param database the schema's name
 * @param user the account's name, which has all privileges on that schema and no others
 * @param password in clear; stored by us only as the server's own hash of it, and never logged
 */
public record ApplicationAccount(String database, String user, String password) {

    /** @throws IllegalArgumentException when a name is empty, too long for MariaDB or holds a control character */
    public ApplicationAccount {
        checkName("database", database, 64);
        checkName("user", user, 128);
    }

    private static void checkName(String what, String name, int longest) {
        if (name.isBlank() || name.length() > longest || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(what + " \"" + name + "\" is not a name MariaDB takes: use 1 to "
                    + longest + " characters without control characters");
        }
    }

    @Override
    public String toString() {
        return "ApplicationAccount[" + user + " on " + database + "]";
    }
}
