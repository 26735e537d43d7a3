package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** Loading code from files: dofile, loadfile, require, module and the package table. In a sandbox: require of what is there. */
final class PackageLibrary {
    private static final String USUAL_PATH = "./?.lua;/usr/share/luajit-2.1/?.lua;/usr/local/share/lua/5.1/?.lua;"
            + "/usr/local/share/lua/5.1/?/init.lua;/usr/share/lua/5.1/?.lua;/usr/share/lua/5.1/?/init.lua";

    private final Machine machine;
    private final Settings settings;
    private final LuaTable packages = new LuaTable();
    private final LuaTable loaded = new LuaTable();
    private final LuaTable preload = new LuaTable();
    private final LuaTable loaders = new LuaTable();

    private PackageLibrary(Machine machine, Settings settings) {
        this.machine = machine;
        this.settings = settings;
    }

    static void install(Machine machine, Settings settings) {
        PackageLibrary library = new PackageLibrary(machine, settings);
        LuaTable globals = machine.globals();
        for (Varargs e = globals.next(LuaValue.NIL); !e.arg1().isnil(); e = globals.next(e.arg1())) {
            if (e.arg(2).istable()) {
                library.loaded.rawset(e.arg1(), e.arg(2));
            }
        }
        library.fill(globals);
    }

    private void fill(LuaTable globals) {
        new Library(machine, packages)
                .add("loaded", loaded)
                .add("preload", preload)
                .add("loaders", loaders)
                .add("path", LuaValue.valueOf(settings.sandboxed() ? "" : USUAL_PATH))
                .add("cpath", LuaValue.valueOf(""))
                .add("config", LuaValue.valueOf("/\n;\n?\n!\n-\n"))
                .add(
                        "loadlib",
                        args -> LuaValue.varargsOf(
                                LuaValue.NIL,
                                LuaValue.valueOf("C libraries can't be loaded"),
                                LuaValue.valueOf("absent")))
                .add("searchpath", this::searchPath)
                .add("seeall", this::seeAll);
        extras();
        loaders.rawset(1, Library.function(machine, "preload", this::preloaded));
        Library base = new Library(machine, globals).add("package", packages).add("require", this::require);
        base.add("module", this::module);
        loaded.rawset("package", packages);
        loaded.rawset("_G", globals);
        if (!settings.sandboxed()) {
            loaders.rawset(2, Library.function(machine, "file", this::fromPath));
            base.add("dofile", this::doFile).add("loadfile", this::loadFile);
        }
    }

    /** What LuaJIT has ready to be required without being a global. */
    private void extras() {
        preload.rawset(
                "table.new",
                Library.function(
                        machine, "table.new", args -> Library.function(machine, "new", sizes -> new LuaTable())));
        preload.rawset(
                "table.clear",
                Library.function(
                        machine, "table.clear", args -> Library.function(machine, "clear", PackageLibrary::clear)));
        preload.rawset("ffi", Library.function(machine, "ffi", args -> {
            throw new LuaError("ffi is not there: scripts can't call C libraries");
        }));
    }

    private static Varargs clear(Args args) {
        LuaTable table = args.table(1);
        for (LuaValue key : table.keys()) {
            table.rawset(key, LuaValue.NIL);
        }
        return LuaValue.NONE;
    }

    private LuaValue load(Path file, String name) {
        try {
            byte[] source = Files.readAllBytes(file);
            machine.charge(source.length);
            if (source.length > 0 && source[0] == 27) {
                throw new LuaError("cannot load " + name + ": it is compiled, only source text can be loaded");
            }
            return machine.load(source, "@" + name, machine.globals());
        } catch (NoSuchFileException e) {
            throw new LuaError("cannot open " + name + ": No such file or directory");
        } catch (IOException e) {
            throw new LuaError("cannot read " + name + ": " + e.getMessage());
        }
    }

    private Varargs doFile(Args args) {
        String name = args.text(1);
        return machine.callFromJava(load(settings.resolve(name), name), LuaValue.NONE);
    }

    private Varargs loadFile(Args args) {
        String name = args.text(1);
        try {
            return load(settings.resolve(name), name);
        } catch (LuaError e) {
            return LuaValue.varargsOf(LuaValue.NIL, LuaValue.valueOf(e.getMessage()));
        }
    }

    private Varargs require(Args args) {
        LuaValue name = args.string(1);
        LuaValue known = loaded.rawget(name);
        if (known.toboolean()) {
            return known;
        }
        StringBuilder tried = new StringBuilder();
        for (int i = 1; ; i++) {
            LuaValue loader = loaders.rawget(i);
            if (loader.isnil()) {
                throw new LuaError("module '" + name.tojstring() + "' not found:" + tried);
            }
            LuaValue found = machine.callFromJava(loader, name).arg1();
            if (found.isfunction()) {
                loaded.rawset(name, LuaValue.TRUE); // so that a loop of requires ends
                LuaValue value = machine.callFromJava(found, name).arg1();
                if (!value.isnil()) {
                    loaded.rawset(name, value);
                }
                return loaded.rawget(name);
            }
            if (found.isstring()) {
                tried.append(found.tojstring());
            }
        }
    }

    private Varargs preloaded(Args args) {
        LuaValue function = preload.rawget(args.value(1));
        return function.isnil() ? LuaValue.valueOf("\n\tno field package.preload['" + args.text(1) + "']") : function;
    }

    private String search(String name, String path, StringBuilder tried) {
        for (String template : path.split(";")) {
            String file = template.replace("?", name.replace('.', '/'));
            if (Files.isReadable(settings.resolve(file))) {
                return file;
            }
            tried.append("\n\tno file '").append(file).append('\'');
        }
        return null;
    }

    private Varargs fromPath(Args args) {
        StringBuilder tried = new StringBuilder();
        String file = search(args.text(1), packages.rawget("path").tojstring(), tried);
        return file == null ? LuaValue.valueOf(tried.toString()) : load(settings.resolve(file), file);
    }

    private Varargs searchPath(Args args) {
        if (settings.sandboxed()) {
            return LuaValue.varargsOf(LuaValue.NIL, LuaValue.valueOf("files can't be loaded here"));
        }
        StringBuilder tried = new StringBuilder();
        String file = search(args.text(1), args.text(2), tried);
        return file == null
                ? LuaValue.varargsOf(LuaValue.NIL, LuaValue.valueOf(tried.toString()))
                : LuaValue.valueOf(file);
    }

    private Varargs seeAll(Args args) {
        LuaTable module = args.table(1);
        LuaTable metatable = module.getmetatable() instanceof LuaTable known ? known : new LuaTable();
        metatable.rawset("__index", machine.globals());
        module.setmetatable(metatable);
        return LuaValue.NONE;
    }

    /** Lua 5.1's way to write a module: makes a global table of that name and gives it to the caller as its globals. */
    private Varargs module(Args args) {
        String name = args.text(1);
        LuaTable module = loaded.rawget(name) instanceof LuaTable known ? known : named(machine.globals(), name);
        loaded.rawset(name, module);
        if (module.rawget("_NAME").isnil()) {
            module.rawset("_M", module);
            module.rawset("_NAME", LuaValue.valueOf(name));
            module.rawset("_PACKAGE", LuaValue.valueOf(name.substring(0, name.lastIndexOf('.') + 1)));
        }
        machine.callersGlobals(module);
        for (int i = 2; i <= args.count(); i++) {
            machine.callFromJava(args.value(i), module);
        }
        return LuaValue.NONE;
    }

    private static LuaTable named(LuaTable globals, String name) {
        LuaTable at = globals;
        for (String part : name.split("\\.")) {
            LuaValue next = at.rawget(part);
            if (next.isnil()) {
                next = new LuaTable();
                at.rawset(part, next);
            }
            if (!(next instanceof LuaTable table)) {
                throw new LuaError("name conflict for module '" + name + "'");
            }
            at = table;
        }
        return at;
    }
}
