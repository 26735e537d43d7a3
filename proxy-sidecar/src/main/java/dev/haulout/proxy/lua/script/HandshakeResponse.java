package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/**
 * What a client said at login, as a table that scripts may change. The password isn't there until a script reads it:
 * only then the client is asked for it.
 */
final class HandshakeResponse extends LuaTable {
    private static final LuaString PASSWORD = LuaValue.valueOf("password");

    /** What the client was asked for, once it has answered. */
    private volatile LuaString clear;

    private HandshakeResponse() {}

    static HandshakeResponse of(
            Machine machine, String user, Optional<String> database, Supplier<CompletionStage<String>> password) {
        HandshakeResponse response = new HandshakeResponse();
        response.rawset("user", text(user));
        database.filter(name -> !name.isEmpty()).ifPresent(name -> response.rawset("database", text(name)));
        LuaTable metatable = new LuaTable();
        metatable.rawset("__metatable", LuaValue.FALSE);
        metatable.rawset("__index", Library.wait(machine, "password", args -> response.read(args.value(2), password)));
        response.setmetatable(metatable);
        return response;
    }

    private CompletionStage<Varargs> read(LuaValue key, Supplier<CompletionStage<String>> password) {
        if (!PASSWORD.eq_b(key)) {
            return CompletableFuture.completedFuture(LuaValue.NIL);
        }
        if (clear != null) {
            return CompletableFuture.completedFuture(clear);
        }
        return new Asked(this, password.get().toCompletableFuture());
    }

    /** The client's answer; to cancel it cancels the question. Completed on whatever thread brings the answer. */
    private static final class Asked extends CompletableFuture<Varargs> {
        private final CompletableFuture<String> question;

        Asked(HandshakeResponse response, CompletableFuture<String> question) {
            this.question = question;
            question.whenComplete((clear, error) -> {
                if (error == null) {
                    response.clear = text(clear);
                    complete(response.clear);
                } else {
                    completeExceptionally(error);
                }
            });
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            question.cancel(mayInterrupt);
            return super.cancel(mayInterrupt);
        }
    }

    private static LuaString text(String value) {
        return LuaString.valueOf(value.getBytes(StandardCharsets.UTF_8));
    }

    /** What a script wants to log in with. */
    static Verdict.Login login(LuaTable table, int argument) {
        LuaValue user = LuaValue.NIL;
        LuaValue password = LuaValue.NIL;
        LuaValue sha1 = LuaValue.NIL;
        LuaValue database = LuaValue.NIL;
        for (Varargs e = table.next(LuaValue.NIL); !e.arg1().isnil(); e = table.next(e.arg1())) {
            if (e.arg1().type() != LuaValue.TSTRING) {
                throw new ArgumentError(argument, "Key is not a string");
            }
            if (!e.arg(2).isstring()) {
                throw new ArgumentError(argument, "Value is not a string");
            }
            switch (e.arg1().tojstring()) {
                case "user" -> user = e.arg(2);
                case "password" -> password = e.arg(2);
                case "password_sha1" -> sha1 = e.arg(2);
                case "database" -> database = e.arg(2);
                default -> throw new LuaError("Unknown attribute '" + e.arg1().tojstring() + "'");
            }
        }
        if (table instanceof HandshakeResponse response && password.isnil() && response.clear != null) {
            password = response.clear;
        }
        if (!sha1.isnil() && sha1.strvalue().m_length != 20) {
            throw new LuaError(
                    "password_sha1 has " + sha1.strvalue().m_length + " bytes; give the 20 raw ones of SHA1(password)");
        }
        return new Verdict.Login(
                optional(user).orElse(""),
                optional(password),
                sha1.isnil() ? Optional.empty() : Optional.of(bytes(sha1.strvalue())),
                optional(database).filter(name -> !name.isEmpty()),
                table instanceof HandshakeResponse && password.isnil() && sha1.isnil());
    }

    private static Optional<String> optional(LuaValue value) {
        return value.isnil()
                ? Optional.empty()
                : Optional.of(new String(bytes(value.strvalue()), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(LuaString string) {
        byte[] bytes = new byte[string.m_length];
        string.copyInto(0, bytes, 0, bytes.length);
        return bytes;
    }
}
