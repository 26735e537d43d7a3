package dev.haulout.proxy.account;

/** The server's answer to {@code USE database}, as far as it's known without the server. */
public sealed interface DatabaseUse {

    /**
     * OK.
     *
     * @param name what {@code DATABASE()} then says: the given name, but in lower case where the server ignores case
     */
    record Allowed(String name) implements DatabaseUse {}

    /** Error 1049; only said to those who would have access. */
    record NoSuchDatabase(Refusal refusal) implements DatabaseUse {}

    /** Error 1044; also for databases that don't exist. */
    record AccessDenied(Refusal refusal) implements DatabaseUse {}

    /** Only the server can tell. */
    record Unknown() implements DatabaseUse {}
}
