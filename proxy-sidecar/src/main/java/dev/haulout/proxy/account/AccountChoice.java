package dev.haulout.proxy.account;

/** Which account a user name and a client's host select. */
public sealed interface AccountChoice {

    /** This one, whatever the proof will be: there is no second choice. */
    record Chosen(Account account) implements AccountChoice {}

    /**
     * It can't be told here: the server resolves names, and this account would come first if the client's address had
     * the right one.
     */
    record NeedsName(Account account) implements AccountChoice {}

    /** None. The client must not be able to tell that from a wrong password. */
    record NoAccount() implements AccountChoice {}
}
