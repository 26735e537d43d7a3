package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.LuaCall;
import dev.haulout.proxy.lua.LuaEngine;
import dev.haulout.proxy.lua.LuaFailure;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/**
 * The callbacks of one mysql_listen. May be used from any thread: each call is a task on the engine's own.
 *
 * <p>A verdict is what section 2 of the contract allows that callback; everything else is {@link Verdict.Failed}.
 */
public final class Handlers {
    /** The names a handler table may have. */
    public static final List<String> KEYS =
            List.of("on_connect", "on_handshake_response", "on_command_phase", "on_init_db", "on_query");

    private final LuaEngine engine;
    private final Client.Methods methods;
    private final Map<String, LuaValue> functions;

    private Handlers(LuaEngine engine, Client.Methods methods, Map<String, LuaValue> functions) {
        this.engine = engine;
        this.methods = methods;
        this.functions = functions;
    }

    /** A callback under way. */
    public static final class Pending {
        private final LuaCall call;
        private final CompletionStage<Verdict> verdict;

        private Pending(LuaCall call, CompletionStage<Verdict> verdict) {
            this.call = call;
            this.verdict = verdict;
        }

        /** Completed on the engine's thread; exceptionally only when {@link #cancel}led. */
        public CompletionStage<Verdict> verdict() {
            return verdict;
        }

        /** The client is gone: ends the callback where it waits, and what it waits for. */
        public void cancel() {
            call.cancel();
        }
    }

    /** Reads a handler table, argument 2 of mysql_listen. Its functions are those it has now. */
    static Handlers of(LuaEngine engine, Client.Methods methods, LuaTable table) {
        Map<String, LuaValue> functions = new LinkedHashMap<>();
        for (Varargs e = table.next(LuaValue.NIL); !e.arg1().isnil(); e = table.next(e.arg1())) {
            if (e.arg1().type() != LuaValue.TSTRING) {
                throw new ArgumentError(2, "Key is not a string");
            }
            String key = e.arg1().tojstring();
            if (!KEYS.contains(key)) {
                throw new ArgumentError(2, "Unrecognized key '" + key + "'");
            }
            if (!e.arg(2).isfunction()) {
                throw new ArgumentError(2, "Value is not a function: " + key);
            }
            functions.put(key, e.arg(2));
        }
        if (!functions.containsKey("on_handshake_response")) {
            throw new ArgumentError(2, "No on_handshake_response handler");
        }
        return new Handlers(engine, methods, functions);
    }

    /** A new client of this listener. */
    public Client client(ClientFacts facts) {
        return new Client(facts, methods);
    }

    public boolean has(String key) {
        return functions.containsKey(key);
    }

    /** The function of a key, for looking at it. */
    public Optional<LuaValue> function(String key) {
        return Optional.ofNullable(functions.get(key));
    }

    /** {@code on_connect(client)}, before the greeting; it must be there. Gives GoOn, Refuse or Failed. */
    public Pending onConnect(Client client) {
        return call(
                "on_connect",
                client,
                LuaValue.NONE,
                value -> value.isnil() || verdict(value) instanceof Verdict.Refuse ? goOnOr(value) : bad(value));
    }

    /**
     * {@code on_handshake_response(client, response)}. Gives Connect, Refuse or Failed.
     *
     * @param password asks the client for its password in clear; fails with a LuaError where that can't be done. Called
     *     only when the script reads it, once.
     */
    public Pending onHandshakeResponse(
            Client client, String user, Optional<String> database, Supplier<CompletionStage<String>> password) {
        return call(
                "on_handshake_response",
                client,
                HandshakeResponse.of(methods.machine(), user, database, password),
                value -> verdict(value) instanceof Verdict.Connect || verdict(value) instanceof Verdict.Refuse
                        ? verdict(value)
                        : bad(value));
    }

    /** {@code on_command_phase(client)}, after the login; it must be there. Gives GoOn or Failed. */
    public Pending onCommandPhase(Client client) {
        return call("on_command_phase", client, LuaValue.NONE, value -> value.isnil() ? goOnOr(value) : bad(value));
    }

    /** {@code on_init_db(client, name)}; it must be there. Gives UseDatabase, Refuse or Failed. */
    public Pending onInitDb(Client client, String database) {
        return call(
                "on_init_db",
                client,
                text(database),
                value -> verdict(value) instanceof Verdict.UseDatabase || verdict(value) instanceof Verdict.Refuse
                        ? verdict(value)
                        : bad(value));
    }

    /** {@code on_query(client, sql)}; it must be there. Gives GoOn, Rewrite (it returned a string), Refuse, Connect or Failed. */
    public Pending onQuery(Client client, String sql) {
        return call("on_query", client, text(sql), value -> {
            if (value.type() == LuaValue.TSTRING) {
                return new Verdict.Rewrite(string(value.strvalue()));
            }
            return value.isnil()
                            || verdict(value) instanceof Verdict.Refuse
                            || verdict(value) instanceof Verdict.Connect
                    ? goOnOr(value)
                    : bad(value);
        });
    }

    private Pending call(String key, Client client, Varargs more, Function<LuaValue, Verdict> judge) {
        LuaCall call = engine.call(functions.get(key), _ -> LuaValue.varargsOf(client, more));
        CompletionStage<Verdict> verdict = call.result().handle((values, error) -> {
            if (error == null) {
                // like myproxy: of several values only the last one counts
                return judge.apply(values.narg() == 0 ? LuaValue.NIL : values.arg(values.narg()));
            }
            Throwable cause =
                    error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
            if (cause instanceof LuaFailure failure) {
                return new Verdict.Failed(failure.getMessage());
            }
            throw new CompletionException(cause);
        });
        return new Pending(call, verdict);
    }

    private static Verdict verdict(LuaValue value) {
        return value instanceof Client.Action action ? action.verdict : null;
    }

    private static Verdict goOnOr(LuaValue value) {
        return value.isnil() ? new Verdict.GoOn() : verdict(value);
    }

    private static Verdict bad(LuaValue value) {
        String what = verdict(value) == null
                ? value.isnil() ? "nothing" : "a " + value.typename()
                : "a " + verdict(value).getClass().getSimpleName() + " action";
        return new Verdict.Failed("the callback returned " + what + ", which it may not");
    }

    private static LuaString text(String value) {
        return LuaString.valueOf(value.getBytes(StandardCharsets.UTF_8));
    }

    private static String string(LuaString value) {
        return new String(value.m_bytes, value.m_offset, value.m_length, StandardCharsets.UTF_8);
    }
}
