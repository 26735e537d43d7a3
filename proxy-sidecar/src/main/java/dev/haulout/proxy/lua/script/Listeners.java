package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.library.Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Where a configuration's listeners are opened, as it is read. Called on the engine's thread. What can't be opened is a
 * LuaError, which then names the line of the script.
 */
public interface Listeners {
    /** {@code mysql_listen} on an address. */
    void mysql(Address address, Handlers handlers, Options options);

    /** {@code mysql_listen(systemd, ...)}: on every inherited socket. Fails when there is none (any more). */
    void inherited(Handlers handlers, Options options);

    /**
     * {@code control_listen}.
     *
     * @param group a multicast group to join
     * @param networkInterface the only interface to listen at
     */
    void control(Address address, Optional<InetAddress> group, Optional<String> networkInterface);

    /** {@code prometheus_listen}. */
    void prometheus(Address address);

    /**
     * What Haulout knows beyond myproxy.
     *
     * @param certificate and key: PEM files; both or neither
     * @param proxies networks whose PROXY headers are believed
     * @param allowCleartext whether a password may be asked for in clear on an unsafe channel
     */
    record Options(Optional<String> certificate, Optional<String> key, List<String> proxies, boolean allowCleartext) {
        /** As myproxy has it. */
        public static final Options NONE = new Options(Optional.empty(), Optional.empty(), List.of(), false);
    }
}
