package dev.haulout.proxy.lua.script;

import java.util.Optional;

/** What a callback decided. */
public sealed interface Verdict {
    /** Nothing special: it returned nil or nothing. */
    record GoOn() implements Verdict {}

    /** {@code client:err(message)}. */
    record Refuse(String message) implements Verdict {}

    /**
     * {@code client:connect(target, login, options)}.
     *
     * @param readOnly whether a server that is read-only is preferred
     */
    record Connect(Target target, Login login, boolean readOnly) implements Verdict {}

    /** {@code client:init_db(name)}. */
    record UseDatabase(String name) implements Verdict {}

    /** Of on_query: this statement instead. */
    record Rewrite(String sql) implements Verdict {}

    /**
     * It failed, or returned what it may not.
     *
     * @param why for the log
     */
    record Failed(String why) implements Verdict {}

    /** Where to connect. */
    sealed interface Target {
        /** To one server. */
        record Server(dev.haulout.proxy.lua.library.Address address) implements Target {}

        /** To one of a cluster, which the client's account chooses. */
        record Member(Cluster cluster) implements Target {}
    }

    /**
     * What to log in with.
     *
     * @param user empty when the script gave none
     * @param password in clear, when the script gave one
     * @param passwordSha1 the 20 bytes of SHA1(password), when the script gave them
     * @param untouched whether it is the client's own handshake response and its password was neither read nor set: what
     *     the client proves itself with is to be passed on, whatever it is
     */
    record Login(
            String user,
            Optional<String> password,
            Optional<byte[]> passwordSha1,
            Optional<String> database,
            boolean untouched) {}
}
