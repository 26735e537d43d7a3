package dev.haulout.proxy.lua;

import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The coroutine library, and pcall and xpcall, which need the machine's loop too. */
final class CoroutineLibrary {
    private CoroutineLibrary() {}

    static void install(Machine machine) {
        LuaTable table = new LuaTable();
        new Library(machine, table)
                .add("create", args -> new Coroutine(args.function(1)))
                .add("status", args -> LuaValue.valueOf(coroutine(args).status.text))
                .add("running", args -> running(args.machine()))
                .add("isyieldable", args -> LuaValue.valueOf(!machine.isTop(machine.current())))
                .add("wrap", args -> wrap(machine, args.function(1)))
                .add("resume", new Resume(machine))
                .add("yield", new Yield(machine));
        LuaTable globals = machine.globals();
        globals.rawset("coroutine", table);
        globals.rawset("pcall", new Pcall(machine));
        globals.rawset("xpcall", new Xpcall(machine));
    }

    private static Coroutine coroutine(Args args) {
        return args.value(1) instanceof Coroutine coroutine ? coroutine : args.wrong(1, "coroutine");
    }

    /** A callback's own coroutine is one like any other to scripts; the configuration's is none. */
    private static Varargs running(Machine machine) {
        return machine.current().top == null || machine.isGround(machine.current()) ? LuaValue.NIL : machine.current();
    }

    private static LuaValue wrap(Machine machine, LuaValue function) {
        Coroutine coroutine = new Coroutine(function);
        coroutine.wrapped = true;
        return new Wrapped(machine, coroutine);
    }

    private static String refusal(Coroutine coroutine) {
        return coroutine.status == Coroutine.Status.DEAD
                ? "cannot resume dead coroutine"
                : "cannot resume non-suspended coroutine";
    }

    private static final class Resume extends Control {
        Resume(Machine machine) {
            super(machine, "resume");
        }

        @Override
        Varargs enter(Varargs args) {
            Coroutine coroutine = coroutine(new Args(machine, args));
            if (coroutine.status != Coroutine.Status.SUSPENDED) {
                return LuaValue.varargsOf(LuaValue.FALSE, LuaValue.valueOf(refusal(coroutine)));
            }
            machine.resume(coroutine, args.subargs(2));
            return null;
        }
    }

    private static final class Wrapped extends Control {
        private final Coroutine coroutine;

        Wrapped(Machine machine, Coroutine coroutine) {
            super(machine, "wrap");
            this.coroutine = coroutine;
        }

        @Override
        Varargs enter(Varargs args) {
            if (coroutine.status != Coroutine.Status.SUSPENDED) {
                throw new org.luaj.vm2.LuaError(refusal(coroutine));
            }
            machine.resume(coroutine, args);
            return null;
        }
    }

    private static final class Yield extends Control {
        Yield(Machine machine) {
            super(machine, "yield");
        }

        @Override
        Varargs enter(Varargs args) {
            return machine.yield(args);
        }
    }

    private static final class Pcall extends Control {
        Pcall(Machine machine) {
            super(machine, "pcall");
        }

        @Override
        Varargs enter(Varargs args) {
            LuaValue function = new Args(machine, args).any(1);
            machine.protect(null);
            machine.sendUnlessNull(machine.call(function, args.subargs(2)));
            return null;
        }
    }

    private static final class Xpcall extends Control {
        Xpcall(Machine machine) {
            super(machine, "xpcall");
        }

        @Override
        Varargs enter(Varargs args) {
            Args given = new Args(machine, args);
            LuaValue handler = given.any(2);
            machine.protect(handler);
            machine.sendUnlessNull(machine.call(given.value(1), args.subargs(3)));
            return null;
        }
    }
}
