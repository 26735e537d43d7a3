package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.lua.Numbers;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The io library. */
final class IoLibrary {
    private final Machine machine;
    private final Settings settings;
    private final LuaTable methods = new LuaTable();
    private final LuaFile standardInput;
    private final LuaFile standardOutput;
    private LuaFile input;
    private LuaFile output;

    private IoLibrary(Machine machine, Settings settings) {
        this.machine = machine;
        this.settings = settings;
        standardInput = LuaFile.stream(methods, System.in, null);
        standardOutput = LuaFile.stream(methods, null, settings.out());
        input = standardInput;
        output = standardOutput;
    }

    @FunctionalInterface
    private interface Action {
        Varargs run() throws IOException, InterruptedException;
    }

    static void install(Machine machine, Settings settings) {
        IoLibrary io = new IoLibrary(machine, settings);
        io.fillMethods();
        LuaTable table = new LuaTable();
        new Library(machine, table)
                .add("stdin", io.standardInput)
                .add("stdout", io.standardOutput)
                .add("stderr", LuaFile.stream(io.methods, null, System.err))
                .add("open", args -> attempt(args.text(1), () -> io.open(args.text(1), args.text(2, "r"))))
                .add("popen", io::popen)
                .add("tmpfile", args -> attempt("tmpfile", io::temporary))
                .add("close", args -> args.isNil(1) ? close(io.output) : close(file(args)))
                .add("read", args -> io.read(io.input, args, 1))
                .add("write", args -> io.write(io.output, args, 1))
                .add("flush", args -> attempt("flush", () -> flushed(io.output)))
                .add("lines", io::lines)
                .add("input", io::input)
                .add("output", io::output)
                .add("type", IoLibrary::type);
        machine.globals().rawset("io", table);
    }

    private void fillMethods() {
        methods.rawset("__index", methods);
        new Library(machine, methods)
                .add("close", args -> close(file(args)))
                .add("flush", args -> attempt("flush", () -> flushed(file(args))))
                .add("read", args -> read(file(args), args, 2))
                .add("write", args -> write(file(args), args, 2))
                .add("lines", args -> linesOf(file(args), false))
                .add(
                        "seek",
                        args -> attempt(
                                "seek",
                                () -> LuaValue.valueOf(file(args).seek(args.text(2, "cur"), args.number(3, 0)))))
                .add("setvbuf", args -> LuaValue.TRUE)
                .add("__tostring", args -> LuaValue.valueOf(args.value(1).tojstring()));
    }

    private static LuaFile file(Args args) {
        if (!(args.value(1) instanceof LuaFile file)) {
            return args.wrong(1, "FILE*");
        }
        if (file.isClosed()) {
            throw new LuaError("attempt to use a closed file");
        }
        return file;
    }

    private static Varargs attempt(String name, Action action) {
        try {
            return action.run();
        } catch (IOException e) {
            return LuaValue.varargsOf(
                    LuaValue.NIL, LuaValue.valueOf(name + ": " + reason(e)), LuaValue.valueOf(isMissing(e) ? 2 : 5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LuaError("interrupted");
        }
    }

    private static boolean isMissing(IOException e) {
        return e instanceof FileNotFoundException && e.getMessage().endsWith("(No such file or directory)");
    }

    private static String reason(IOException e) {
        String text = String.valueOf(e.getMessage());
        return e instanceof FileNotFoundException && text.endsWith(")")
                ? text.substring(text.lastIndexOf('(') + 1, text.length() - 1)
                : text;
    }

    private LuaFile open(String name, String mode) throws IOException {
        Path path = settings.resolve(name);
        if (mode.isEmpty() || "rwa".indexOf(mode.charAt(0)) < 0) {
            throw new ArgumentError(2, "invalid mode");
        }
        char kind = mode.charAt(0);
        boolean update = mode.contains("+");
        if (kind == 'r' && update && !Files.exists(path)) {
            throw new FileNotFoundException(path + " (No such file or directory)");
        }
        RandomAccessFile file = new RandomAccessFile(path.toFile(), kind == 'r' && !update ? "r" : "rw");
        if (kind == 'w') {
            file.setLength(0);
        }
        return LuaFile.disk(methods, file, kind == 'a');
    }

    private LuaFile temporary() throws IOException {
        Path path = Files.createTempFile("lua_", "");
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        Files.delete(path);
        return LuaFile.disk(methods, file, false);
    }

    private Varargs popen(Args args) {
        String command = args.text(1);
        boolean write = args.text(2, "r").startsWith("w");
        return attempt(command, () -> {
            ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command)
                    .directory(settings.folder().get().toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT);
            if (write) {
                builder.redirectOutput(ProcessBuilder.Redirect.INHERIT);
            } else {
                builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
            }
            return LuaFile.program(methods, builder.start(), write);
        });
    }

    private static Varargs close(LuaFile file) {
        return attempt("close", () -> {
            file.close();
            return LuaValue.TRUE;
        });
    }

    private static Varargs flushed(LuaFile file) throws IOException {
        file.flush();
        return LuaValue.TRUE;
    }

    private Varargs read(LuaFile file, Args args, int first) {
        return attempt("read", () -> {
            if (args.count() < first) {
                return file.line(false);
            }
            LuaValue[] values = new LuaValue[args.count() - first + 1];
            for (int i = 0; i < values.length; i++) {
                values[i] = one(file, args, first + i);
                if (values[i].isnil()) {
                    break;
                }
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = values[i] == null ? LuaValue.NIL : values[i];
            }
            return LuaValue.varargsOf(values);
        });
    }

    private static LuaValue one(LuaFile file, Args args, int index) throws IOException {
        if (args.value(index).type() == LuaValue.TNUMBER) {
            return file.bytes(args.integer(index));
        }
        String format = args.text(index);
        return switch (format.startsWith("*") ? format.substring(1, Math.min(2, format.length())) : format) {
            case "l" -> file.line(false);
            case "L" -> file.line(true);
            case "a" -> file.all();
            case "n" -> {
                LuaValue number = Numbers.parse(file.numeral());
                yield number == null ? LuaValue.NIL : number;
            }
            default -> throw new ArgumentError(index, "invalid format");
        };
    }

    private Varargs write(LuaFile file, Args args, int first) {
        return attempt("write", () -> {
            for (int i = first; i <= args.count(); i++) {
                file.write(args.string(i));
            }
            return file == output && first == 1 ? LuaValue.TRUE : file;
        });
    }

    private Varargs lines(Args args) {
        if (args.isNil(1)) {
            return linesOf(input, false);
        }
        try {
            return linesOf(open(args.text(1), "r"), true);
        } catch (IOException e) {
            throw new LuaError(args.text(1) + ": " + reason(e));
        }
    }

    private Varargs linesOf(LuaFile file, boolean closeAtEnd) {
        return Library.function(machine, "lines", ignored -> {
            if (file.isClosed()) {
                throw new LuaError("file is already closed");
            }
            return attempt("lines", () -> {
                LuaValue line = file.line(false);
                if (line.isnil() && closeAtEnd) {
                    file.close();
                }
                return line;
            });
        });
    }

    private Varargs input(Args args) {
        if (args.value(1) instanceof LuaFile file) {
            input = file;
        } else if (!args.isNil(1)) {
            input = opened(args, "r");
        }
        return input;
    }

    private Varargs output(Args args) {
        if (args.value(1) instanceof LuaFile file) {
            output = file;
        } else if (!args.isNil(1)) {
            output = opened(args, "w");
        }
        return output;
    }

    private LuaFile opened(Args args, String mode) {
        try {
            return open(args.text(1), mode);
        } catch (IOException e) {
            throw new LuaError(args.text(1) + ": " + reason(e));
        }
    }

    private static Varargs type(Args args) {
        return args.any(1) instanceof LuaFile file
                ? LuaValue.valueOf(file.isClosed() ? "closed file" : "file")
                : LuaValue.NIL;
    }
}
