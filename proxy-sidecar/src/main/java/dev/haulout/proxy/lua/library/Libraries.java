package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaEngine;
import dev.haulout.proxy.lua.Machine;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** Installs the libraries of this package. */
public final class Libraries {
    private static final Path RESOLVED = Path.of("/run/systemd/resolve/io.systemd.Resolve");
    private static final double LONGEST_SLEEP = 365.0 * 24 * 3600;

    private final Machine machine;
    private final Resolver resolver;

    private Libraries(Machine machine, Resolver resolver) {
        this.machine = machine;
        this.resolver = resolver;
    }

    /**
     * Into an engine that runs nothing yet.
     *
     * @param log gets errors that no script waits for
     */
    public static Libraries install(LuaEngine engine, Consumer<String> log) {
        return install(engine, log, RESOLVED);
    }

    static Libraries install(LuaEngine engine, Consumer<String> log, Path resolved) {
        Machine machine = engine.machine();
        JsonLibrary.install(machine);
        JwtLibrary.install(machine);
        SodiumLibrary.install(machine);
        SocketLibrary.install(machine);
        ControlLibrary.install(machine);
        PgLibrary.install(engine, log);
        new Library(machine, machine.globals())
                .addWait("sleep", Libraries::sleep)
                .add("mysql_resolve", args -> Resolver.atOnce(args, Addresses.MYSQL))
                .add("control_resolve", args -> Resolver.atOnce(args, Addresses.CONTROL));
        return new Libraries(machine, new Resolver(resolved));
    }

    /** The configuration has been read: mysql_resolve waits from now on. To be called on the engine's thread. */
    public void configurationRead() {
        new Library(machine, machine.globals()).addWait("mysql_resolve", args -> resolver.later(args, Addresses.MYSQL));
    }

    private static CompletableFuture<Varargs> sleep(Args args) {
        double seconds = args.number(1);
        if (!(seconds >= 0)) {
            throw new ArgumentError(1, "Negative sleep");
        }
        long nanos = (long) (Math.min(seconds, LONGEST_SLEEP) * 1e9);
        return new CompletableFuture<Varargs>().completeOnTimeout(LuaValue.NONE, nanos, TimeUnit.NANOSECONDS);
    }
}
