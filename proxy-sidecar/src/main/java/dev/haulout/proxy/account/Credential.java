package dev.haulout.proxy.account;

/** What a verified login leaves behind to log in to the backend with, now and after each sleep. Prints no secrets. */
public sealed interface Credential {

    /** The password is empty. */
    record EmptyPassword() implements Credential {}

    /**
     * Enough for {@code mysql_native_password}.
     *
     * @param sha1 {@code SHA1(password)}
     */
    record HashedPassword(Secret sha1) implements Credential {}

    /** The password itself: enough for any plugin. */
    record ClearPassword(Secret password) implements Credential {}

    /** Nothing: the client's process was vouched for, or it signed a nonce that was ours alone. */
    record Nothing() implements Credential {}
}
