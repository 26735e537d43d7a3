package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaObject;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.postgres.PgResult;
import java.nio.charset.StandardCharsets;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The rows of a query, fetched one after the other. */
final class PgRows extends LuaObject {
    private final PgResult result;
    private final LuaValue fetch;
    private int next;

    PgRows(Machine machine, PgResult result) {
        this.result = result;
        this.fetch = Library.function(machine, "fetch", this::fetch);
    }

    @Override
    protected LuaValue read(String name) {
        return name.equals("fetch") ? fetch : LuaValue.NIL;
    }

    private Varargs fetch(Args args) {
        LuaTable row = args.isNil(2) ? new LuaTable() : args.table(2);
        String mode = args.text(3, "a");
        if (!mode.equals("a") && !mode.equals("n")) {
            throw new ArgumentError(3, "Unknown mode");
        }
        if (next >= result.rows().size()) {
            return LuaValue.NONE;
        }
        byte[][] values = result.rows().get(next++);
        for (int i = 0; i < values.length; i++) {
            LuaValue key = mode.equals("n")
                    ? LuaValue.valueOf(i + 1)
                    : LuaString.valueOf(result.columns().get(i).getBytes(StandardCharsets.UTF_8));
            row.rawset(key, values[i] == null ? LuaValue.NIL : LuaString.valueOf(values[i]));
        }
        return row;
    }
}
