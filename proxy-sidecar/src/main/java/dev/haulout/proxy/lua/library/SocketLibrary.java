package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaObject;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.socket.NativeSocket;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** socket: connects and sends. */
final class SocketLibrary {
    private final Machine machine;

    private SocketLibrary(Machine machine) {
        this.machine = machine;
    }

    static void install(Machine machine) {
        SocketLibrary library = new SocketLibrary(machine);
        LuaTable table = new LuaTable();
        new Library(machine, table).addBrief("connect", library::connect);
        machine.globals().rawset("socket", table);
    }

    private CompletableFuture<Varargs> connect(Args args) {
        if (args.count() > 3) {
            throw new LuaError("Too many parameters");
        }
        Address address = args.value(2) instanceof Address given ? given : Addresses.numeric(args.text(2), 0);
        NativeSocket.Type type = args.isNil(3) ? NativeSocket.Type.STREAM : type(args.table(3));
        return Background.run("lua-socket", () -> {
            NativeSocket socket = null;
            try {
                if (address.isLocal()) {
                    socket = NativeSocket.local(type);
                    socket.connectLocal(address.local());
                } else {
                    socket = NativeSocket.ip(address.ip().getAddress(), type);
                    socket.connect(address.ip());
                }
                return new Socket(socket);
            } catch (IOException e) {
                if (socket != null) {
                    socket.close();
                }
                return Background.failure(e.getMessage());
            }
        });
    }

    private static NativeSocket.Type type(LuaTable options) {
        NativeSocket.Type type = NativeSocket.Type.STREAM;
        for (Varargs e = options.next(LuaValue.NIL); !e.arg1().isnil(); e = options.next(e.arg1())) {
            if (!e.arg1().tojstring().equals("type")) {
                throw new ArgumentError(3, "Unknown option '" + e.arg1().tojstring() + "'");
            }
            type = switch (e.arg(2).tojstring()) {
                case "stream" -> NativeSocket.Type.STREAM;
                case "dgram" -> NativeSocket.Type.DATAGRAM;
                case "seqpacket" -> NativeSocket.Type.SEQUENCED_PACKETS;
                default ->
                    throw new ArgumentError(
                            3, "Unknown socket type '" + e.arg(2).tojstring() + "'");
            };
        }
        return type;
    }

    private final class Socket extends LuaObject {
        private final NativeSocket socket;
        private final LuaValue send;
        private final LuaValue close;

        Socket(NativeSocket socket) {
            this.socket = socket;
            this.send = Library.brief(machine, "send", this::send);
            this.close = Library.function(machine, "close", args -> {
                socket.close();
                return LuaValue.NONE;
            });
            Resources.closeWithout(this, socket);
        }

        @Override
        protected LuaValue read(String name) {
            return switch (name) {
                case "send" -> send;
                case "close" -> close;
                default -> LuaValue.NIL;
            };
        }

        /** The end is applied first; the start then counts in what is left of it. */
        private CompletableFuture<Varargs> send(Args args) {
            byte[] data = args.bytes(2);
            int length = args.isNil(4) ? data.length : position(args, 4, data.length);
            int start = args.isNil(3) ? 1 : Math.max(1, position(args, 3, length));
            return Background.run("lua-socket", () -> {
                try {
                    return LuaValue.valueOf(socket.send(data, start - 1, Math.max(0, length - start + 1)));
                } catch (IOException e) {
                    return Background.failure(e.getMessage());
                }
            });
        }

        private static int position(Args args, int index, int length) {
            int given = args.integer(index);
            int position = given < 0 ? length + given + 1 : given;
            if (position < 0 || position > length || given == 0) {
                throw new ArgumentError(index, "position " + given + " is out of range");
            }
            return position;
        }
    }
}
