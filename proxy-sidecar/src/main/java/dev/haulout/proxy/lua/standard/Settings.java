package dev.haulout.proxy.lua.standard;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the standard libraries may touch.
 *
 * @param sandboxed whether io, debug and what of os touches the system are left out, and files can't be loaded
 * @param folder what relative names of files stand in: the working directory as scripts see it
 * @param out where print writes
 */
public record Settings(boolean sandboxed, AtomicReference<Path> folder, PrintStream out) {
    /** For an administrator's own scripts. */
    public static Settings trusted(Path folder, PrintStream out) {
        return new Settings(false, new AtomicReference<>(folder.toAbsolutePath()), out);
    }

    /** For scripts of strangers. */
    public static Settings sandboxed(PrintStream out) {
        return new Settings(true, new AtomicReference<>(Path.of("/")), out);
    }

    /** A file that a script names. */
    Path resolve(String name) {
        return folder.get().resolve(name);
    }
}
