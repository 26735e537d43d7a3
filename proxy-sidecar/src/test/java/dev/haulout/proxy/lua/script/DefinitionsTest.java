package dev.haulout.proxy.lua.script;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Limits;
import dev.haulout.proxy.lua.LuaEngine;
import dev.haulout.proxy.lua.library.Libraries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;

/** The definitions for editors name what is there. */
class DefinitionsTest {
    @Test
    void everyGlobalAndMemberIsDefined() throws Exception {
        String definitions = Files.readString(Path.of("../lua/haulout.lua"));
        try (LuaEngine engine = new LuaEngine("definitions", Limits.CALLBACK)) {
            LuaTable globals = engine.machine().globals();
            List<LuaValue> before = List.of(globals.keys());
            Libraries.install(engine, _ -> {});
            new ListenFunctions(engine, null).install();
            new Library(engine.machine(), globals).add("mysql_cluster", Cluster::make);

            for (LuaValue key : globals.keys()) {
                String name = key.tojstring();
                if (before.contains(key)) {
                    continue;
                }
                assertThat(definitions).containsPattern("(?m)^(function " + name + "\\(|" + name + " = )");
                if (globals.rawget(key) instanceof LuaTable library) {
                    for (LuaValue member : library.keys()) {
                        assertThat(definitions)
                                .containsPattern("(?m)^function " + name + "[.:]" + member.tojstring() + "\\(");
                    }
                }
            }
        }
    }

    @Test
    void everyHandlerIsDefined() throws Exception {
        String definitions = Files.readString(Path.of("../lua/haulout.lua"));

        for (String key : Handlers.KEYS) {
            assertThat(definitions).containsPattern("(?m)^---@field " + key + "\\?? fun");
        }
    }
}
