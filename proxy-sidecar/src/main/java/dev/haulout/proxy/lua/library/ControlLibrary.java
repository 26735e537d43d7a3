package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.control.ControlCommand;
import dev.haulout.proxy.control.ControlDatagram;
import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaObject;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.socket.NativeSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** control_client: sends control datagrams. */
final class ControlLibrary {
    private static final int CANCEL_JOB = 25;
    private static final int REJECT_CLIENT = 23;
    private static final int TARPIT_CLIENT = 24;
    /** How long a rejected or tarpitted client stays so, in seconds: the protocol wants it, scripts can't say it. */
    private static final int EXPIRY = 300;

    private final Machine machine;
    private final Map<String, LuaValue> builderMethods = new LinkedHashMap<>();

    private ControlLibrary(Machine machine) {
        this.machine = machine;
        each("fade_children", 8);
        each("flush_filter_cache", 12);
        each("discard_session", 14);
        each("flush_http_cache", 15);
        each("terminate_children", 16);
        each("disconnect_database", 20);
        each("reset_limiter", 22);
        each("reject_client", REJECT_CLIENT);
        each("tarpit_client", TARPIT_CLIENT);
        builderMethods.put("cancel_job", Library.function(machine, "cancel_job", ControlLibrary::cancelJob));
    }

    static void install(Machine machine) {
        ControlLibrary library = new ControlLibrary(machine);
        LuaTable table = new LuaTable();
        new Library(machine, table).addBrief("new", library::open);
        machine.globals().rawset("control_client", table);
    }

    private void each(String name, int command) {
        builderMethods.put(name, Library.function(machine, name, args -> {
            Builder builder = builder(args);
            require(args.count() >= 2, "Not enough parameters");
            for (int i = 2; i <= args.count(); i++) {
                byte[] text = args.bytes(i);
                builder.add(command, command == REJECT_CLIENT || command == TARPIT_CLIENT ? withExpiry(text) : text);
            }
            return builder;
        }));
    }

    private static byte[] withExpiry(byte[] address) {
        return ByteBuffer.allocate(4 + address.length)
                .putInt(EXPIRY)
                .put(address)
                .array();
    }

    private static void require(boolean fine, String fault) {
        if (!fine) {
            throw new LuaError(fault);
        }
    }

    private static Builder builder(Args args) {
        return args.value(1) instanceof Builder builder ? builder : args.wrong(1, "control_builder");
    }

    private static Varargs cancelJob(Args args) {
        Builder builder = builder(args);
        require(args.count() >= 3, "Not enough parameters");
        require(args.count() <= 3, "Too many parameters");
        byte[] partition = args.bytes(2);
        byte[] id = args.bytes(3);
        builder.add(
                CANCEL_JOB,
                ByteBuffer.allocate(partition.length + 1 + id.length)
                        .put(partition)
                        .put((byte) 0)
                        .put(id)
                        .array());
        return builder;
    }

    private CompletableFuture<Varargs> open(Args args) {
        LuaValue where = args.value(2);
        if (where instanceof Address address) {
            return Background.run("lua-control", () -> connected(address));
        }
        String text = args.text(2);
        return Background.run("lua-control", () -> {
            try {
                return connected(Addresses.resolved(text, Addresses.CONTROL));
            } catch (LuaError e) {
                return Background.failure(e.getMessage());
            }
        });
    }

    private Varargs connected(Address address) {
        NativeSocket socket = null;
        try {
            if (address.isLocal()) {
                socket = NativeSocket.local(NativeSocket.Type.DATAGRAM);
                socket.connectLocal(address.local());
            } else {
                socket = NativeSocket.ip(address.ip().getAddress(), NativeSocket.Type.DATAGRAM);
                socket.connect(address.ip());
            }
            return new Client(socket);
        } catch (IOException e) {
            if (socket != null) {
                socket.close();
            }
            return Background.failure(e.getMessage());
        }
    }

    private final class Client extends LuaObject {
        private final NativeSocket socket;
        private final LuaValue build = Library.function(machine, "build", args -> new Builder());
        private final LuaValue send;

        Client(NativeSocket socket) {
            this.socket = socket;
            this.send = Library.brief(machine, "send", this::send);
            Resources.closeWithout(this, socket);
        }

        @Override
        protected LuaValue read(String name) {
            return switch (name) {
                case "build" -> build;
                case "send" -> send;
                default -> LuaValue.NIL;
            };
        }

        private CompletableFuture<Varargs> send(Args args) {
            Builder builder = args.value(2) instanceof Builder given ? given : args.wrong(2, "control_builder");
            byte[] datagram = ControlDatagram.write(builder.commands);
            return Background.run("lua-control", () -> {
                try {
                    socket.send(datagram, 0, datagram.length);
                    return LuaValue.TRUE;
                } catch (IOException e) {
                    return Background.failure(e.getMessage());
                }
            });
        }
    }

    private final class Builder extends LuaObject {
        private final List<ControlCommand> commands = new ArrayList<>();

        void add(int id, byte[] payload) {
            require(payload.length <= 0xffff, "A payload of " + payload.length + " bytes is too long");
            commands.add(new ControlCommand(id, payload));
        }

        @Override
        protected LuaValue read(String name) {
            return builderMethods.getOrDefault(name, LuaValue.NIL);
        }
    }
}
