package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.Limits;
import dev.haulout.proxy.lua.LuaCall;
import dev.haulout.proxy.lua.LuaEngine;
import dev.haulout.proxy.lua.LuaFailure;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.lua.library.Libraries;
import dev.haulout.proxy.lua.standard.Settings;
import dev.haulout.proxy.lua.standard.StandardLibraries;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.luaj.vm2.LuaValue;

/** A myproxy configuration that has been read, and its engine. */
public final class ProxyScript implements AutoCloseable {
    private final LuaEngine engine;
    private final Consumer<String> log;
    private LuaCall reloading;
    private boolean reloadAgain;

    private ProxyScript(LuaEngine engine, Consumer<String> log) {
        this.engine = engine;
        this.log = log;
    }

    /**
     * Reads a configuration: runs it, with its own folder as working directory, and afterwards takes away the functions
     * that listen.
     *
     * @param out where print writes
     * @param limits of each callback
     * @param log gets errors of what nobody waits for: reload, notifications
     * @throws LuaFailure when it can't be compiled or fails
     * @throws IOException when it can't be read
     */
    public static ProxyScript read(
            Path config, Listeners listeners, PrintStream out, Limits limits, Consumer<String> log)
            throws LuaFailure, IOException {
        return read(config, listeners, out, Limits.NONE, limits, log, _ -> {});
    }

    /**
     * Reads a configuration as {@link #read(Path, Listeners, PrintStream, Limits, Consumer)} does it.
     *
     * @param ofReading the limits of the script itself
     * @param limits of each callback
     * @param prepare may change what the script finds, before it runs
     */
    public static ProxyScript read(
            Path config,
            Listeners listeners,
            PrintStream out,
            Limits ofReading,
            Limits limits,
            Consumer<String> log,
            Consumer<Machine> prepare)
            throws LuaFailure, IOException {
        byte[] source = Files.readAllBytes(config);
        Path file = config.toAbsolutePath();
        Settings settings = Settings.trusted(file.getParent(), out);
        LuaEngine engine = new LuaEngine("lua", limits);
        try {
            StandardLibraries.install(engine, settings);
            Libraries libraries = Libraries.install(engine, log);
            engine.machine()
                    .globals()
                    .rawset(
                            "mysql_cluster",
                            dev.haulout.proxy.lua.Library.function(engine.machine(), "mysql_cluster", Cluster::make));
            ListenFunctions listen = new ListenFunctions(engine, listeners);
            listen.install();
            prepare.accept(engine.machine());
            engine.run(source, "@" + config, ofReading, _ -> {});
            onEngine(engine, () -> {
                listen.remove();
                libraries.configurationRead();
                settings.folder().set(Path.of("/"));
            });
            return new ProxyScript(engine, log);
        } catch (LuaFailure | RuntimeException e) {
            engine.close();
            throw e;
        }
    }

    private static void onEngine(LuaEngine engine, Runnable task) {
        CompletableFuture.runAsync(task, engine).join();
    }

    /** Whether the script asks for I/O buffers to be filled in at the start. */
    public boolean populatesIoBuffers() {
        return CompletableFuture.supplyAsync(
                        () -> engine.machine()
                                .globals()
                                .rawget("populate_io_buffers")
                                .toboolean(),
                        engine)
                .join();
    }

    /**
     * Calls the global function {@code reload}, if there is one. While it runs, any number of further calls make for one
     * more run. Returns at once; errors are logged.
     */
    public void reload() {
        engine.execute(() -> {
            if (reloading != null) {
                reloadAgain = true;
                return;
            }
            LuaValue reload = engine.machine().globals().rawget("reload");
            if (reload.isnil()) {
                return;
            }
            reloading = engine.call(reload);
            reloading.result().whenComplete((_, error) -> {
                if (error != null) {
                    log.accept("reload: " + error.getMessage());
                }
                reloading = null;
                if (reloadAgain) {
                    reloadAgain = false;
                    reload();
                }
            });
        });
    }

    @Override
    public void close() {
        engine.close();
    }
}
