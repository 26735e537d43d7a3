package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.Script;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Engines with the libraries of this package, for tests. */
public final class WithLibraries {
    /** What was logged. */
    public final List<String> log = new CopyOnWriteArrayList<>();

    public final Script script = Script.trusted();
    public final Libraries libraries = Libraries.install(script.engine, log::add);

    /** As after the configuration was read. */
    public WithLibraries running() {
        script.engine.execute(libraries::configurationRead);
        return this;
    }
}
