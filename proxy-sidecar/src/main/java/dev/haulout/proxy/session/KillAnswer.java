package dev.haulout.proxy.session;

/** What became of a {@link KillOrder}. */
public sealed interface KillAnswer {
    /**
     * The session has a connection to the server, which decides: nothing was done.
     *
     * @param backendId the server's id of that connection
     */
    record Connected(long backendId) implements KillAnswer {}

    /** It had none, and was killed, or its statement interrupted. */
    record Done() implements KillAnswer {}

    /** It has none, and the killer may not. */
    record Denied() implements KillAnswer {}

    /** There is no such session. */
    record Unknown() implements KillAnswer {}
}
