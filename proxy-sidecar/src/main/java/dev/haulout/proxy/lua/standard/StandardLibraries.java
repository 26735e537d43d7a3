package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.DebugLibrary;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaEngine;
import dev.haulout.proxy.lua.Machine;
import java.io.ByteArrayOutputStream;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** Installs the standard libraries. */
public final class StandardLibraries {
    private StandardLibraries() {}

    /** Into an engine that runs nothing yet. */
    public static void install(LuaEngine engine, Settings settings) {
        Machine machine = engine.machine();
        StringLibrary.install(machine);
        TableLibrary.install(machine);
        MathLibrary.install(machine);
        BitLibrary.install(machine);
        OsLibrary.install(machine, settings);
        if (!settings.sandboxed()) {
            IoLibrary.install(machine, settings);
            DebugLibrary.install(machine);
        }
        jit(machine);
        new Library(machine, machine.globals()).add("print", args -> print(args, settings));
        PackageLibrary.install(machine, settings);
    }

    private static void jit(Machine machine) {
        LuaTable jit = new LuaTable();
        new Library(machine, jit)
                .add("version", LuaValue.valueOf("LuaJIT 2.1.0-beta3"))
                .add("version_num", LuaValue.valueOf(20100))
                .add("os", LuaValue.valueOf("Linux"))
                .add("arch", LuaValue.valueOf(System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64"))
                .add("on", args -> LuaValue.NONE)
                .add("off", args -> LuaValue.NONE)
                .add("flush", args -> LuaValue.NONE)
                .add("status", args -> LuaValue.FALSE);
        machine.globals().rawset("jit", jit);
    }

    /** A line at once and whole, whoever else writes. */
    private static Varargs print(Args args, Settings settings) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int i = 1; i <= args.count(); i++) {
            if (i > 1) {
                line.write('\t');
            }
            LuaString text = args.machine().text(args.value(i));
            line.write(text.m_bytes, text.m_offset, text.m_length);
        }
        line.write('\n');
        byte[] bytes = line.toByteArray();
        settings.out().write(bytes, 0, bytes.length);
        settings.out().flush();
        return LuaValue.NONE;
    }
}
