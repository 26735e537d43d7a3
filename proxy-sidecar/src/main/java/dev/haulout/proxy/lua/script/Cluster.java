package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.LuaObject;
import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.library.Addresses;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** Servers of which a client's account chooses one, by rendezvous hashing: mysql_cluster. */
public final class Cluster extends LuaObject {
    private final List<Address> nodes;
    private final Options options;

    private Cluster(List<Address> nodes, Options options) {
        this.nodes = List.copyOf(nodes);
        this.options = options;
    }

    /** What monitoring knows of a node, from worst to best. */
    public enum NodeState {
        DEAD,
        AUTH_FAILED,
        UNKNOWN,
        READ_ONLY,
        ALIVE
    }

    /**
     * How a cluster is watched.
     *
     * @param monitoring whether nodes are probed
     * @param noReadOnly whether a node that is read-only counts for less
     * @param disconnectUnavailable whether connections to a node that is worse than another are closed
     * @param user whom to log in as when probing
     */
    public record Options(
            boolean monitoring,
            boolean noReadOnly,
            boolean disconnectUnavailable,
            Optional<String> user,
            Optional<String> password) {}

    public List<Address> nodes() {
        return nodes;
    }

    public Options options() {
        return options;
    }

    /**
     * The nodes in the order in which they are to be tried for an account: by state, then by hash.
     *
     * @param readOnly whether the connection is made with read_only
     */
    public List<Address> order(Optional<String> account, Function<Address, NodeState> states, boolean readOnly) {
        byte[] key = account.orElse("").getBytes(StandardCharsets.UTF_8);
        return nodes.stream()
                .map(node -> new Weighed(node, rank(states.apply(node), readOnly), weight(node, key)))
                .sorted(Comparator.comparingInt(Weighed::rank)
                        .reversed()
                        .thenComparing(Weighed::weight, Long::compareUnsigned))
                .map(Weighed::node)
                .toList();
    }

    private record Weighed(Address node, int rank, long weight) {}

    private static int rank(NodeState state, boolean readOnly) {
        return readOnly && state == NodeState.READ_ONLY ? NodeState.values().length : state.ordinal();
    }

    /** The lowest wins. As libsodium's crypto_generichash with 16 bytes of output has it. */
    private static long weight(Address node, byte[] account) {
        Blake2bDigest digest = new Blake2bDigest(128);
        byte[] address = node.hashed(Addresses.MYSQL);
        digest.update(address, 0, address.length);
        digest.update(account, 0, account.length);
        byte[] hash = new byte[16];
        digest.doFinal(hash, 0);
        return ByteBuffer.wrap(hash).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** {@code mysql_cluster(array[, options])}. */
    static Varargs make(Args args) {
        if (args.count() > 2) {
            throw new LuaError("Too many parameters");
        }
        LuaTable array = args.table(1);
        List<Address> nodes = new ArrayList<>();
        for (Varargs e = array.next(LuaValue.NIL); !e.arg1().isnil(); e = array.next(e.arg1())) {
            if (e.arg1().type() != LuaValue.TNUMBER) {
                throw new ArgumentError(1, "Key is not a number");
            }
            nodes.add(Addresses.argument(e.arg(2), Addresses.MYSQL));
        }
        if (nodes.isEmpty()) {
            throw new ArgumentError(1, "Cluster is empty");
        }
        return new Cluster(nodes, args.isNil(2) ? options(new LuaTable()) : options(args.table(2)));
    }

    private static Options options(LuaTable table) {
        boolean monitoring = false;
        boolean noReadOnly = false;
        boolean disconnect = false;
        Optional<String> user = Optional.empty();
        Optional<String> password = Optional.empty();
        for (Varargs e = table.next(LuaValue.NIL); !e.arg1().isnil(); e = table.next(e.arg1())) {
            if (e.arg1().type() != LuaValue.TSTRING) {
                throw new ArgumentError(2, "Key is not a string");
            }
            String name = e.arg1().tojstring();
            switch (name) {
                case "monitoring" -> monitoring = flag(name, e.arg(2));
                case "no_read_only" -> noReadOnly = flag(name, e.arg(2));
                case "disconnect_unavailable" -> disconnect = flag(name, e.arg(2));
                case "user" -> user = Optional.of(string(name, e.arg(2)));
                case "password" -> password = Optional.of(string(name, e.arg(2)));
                default -> throw new ArgumentError(2, "Unknown option '" + name + "'");
            }
        }
        require(password.isEmpty() || user.isPresent(), "password without user");
        require(!noReadOnly || user.isPresent(), "no_read_only without user");
        require(monitoring || user.isEmpty(), "user without monitoring");
        require(monitoring || !noReadOnly, "no_read_only without monitoring");
        require(monitoring || !disconnect, "disconnect_unavailable without monitoring");
        return new Options(monitoring, noReadOnly, disconnect, user, password);
    }

    private static void require(boolean fine, String fault) {
        if (!fine) {
            throw new ArgumentError(2, fault);
        }
    }

    private static boolean flag(String name, LuaValue value) {
        require(value.isboolean(), name + " is not a boolean");
        return value.toboolean();
    }

    private static String string(String name, LuaValue value) {
        require(value.type() == LuaValue.TSTRING, name + " is not a string");
        return value.tojstring();
    }

    /** The address of a server, given as an argument. */
    static Address node(Args args, int index) {
        LuaValue value = args.value(index);
        if (!(value instanceof Address) && value.type() != LuaValue.TSTRING) {
            return args.wrong(index, "address");
        }
        return Addresses.argument(value, Addresses.MYSQL);
    }

    @Override
    protected LuaValue read(String name) {
        throw new LuaError("Unknown attribute");
    }
}
