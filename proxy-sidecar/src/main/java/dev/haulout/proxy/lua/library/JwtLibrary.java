package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** jwt: signs tokens with ed25519. */
final class JwtLibrary {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private JwtLibrary() {}

    static void install(Machine machine) {
        LuaTable table = new LuaTable();
        new Library(machine, table).add("sign", JwtLibrary::sign);
        machine.globals().rawset("jwt", table);
    }

    private static Varargs sign(Args args) {
        byte[] key = args.bytes(1);
        if (key.length != Sodium.SIGN_SECRET) {
            throw new ArgumentError(1, "Wrong key size");
        }
        LuaTable header = new LuaTable();
        LuaTable given = args.table(2);
        for (Varargs e = given.next(LuaValue.NIL); !e.arg1().isnil(); e = given.next(e.arg1())) {
            header.rawset(e.arg1(), e.arg(2));
        }
        header.rawset("alg", LuaValue.valueOf("EdDSA"));
        header.rawset("typ", LuaValue.valueOf("JWT"));
        String signed = part(args.machine(), header) + "." + part(args.machine(), args.table(3));
        byte[] signature = Sodium.sign(signed.getBytes(StandardCharsets.US_ASCII), key);
        return LuaValue.valueOf(signed + "." + BASE64.encodeToString(signature));
    }

    private static String part(Machine machine, LuaTable table) {
        return BASE64.encodeToString(JsonLibrary.text(machine, table).getBytes(StandardCharsets.UTF_8));
    }
}
