package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.socket.NativeSocket;
import java.lang.ref.Cleaner;
import org.luaj.vm2.LuaValue;

/** Closes sockets that scripts forget. */
final class Resources {
    private static final Cleaner CLEANER = Cleaner.create();

    private Resources() {}

    static void closeWithout(LuaValue holder, NativeSocket socket) {
        CLEANER.register(holder, socket::close);
    }
}
