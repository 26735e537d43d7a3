package dev.haulout.proxy.wake;

/**
 * The account by which Haulout logs in to a server it runs.
 *
 * @param user its name
 * @param password in clear; never logged
 */
public record ServiceAccount(String user, String password) {
    @Override
    public String toString() {
        return "ServiceAccount[" + user + "]";
    }
}
