package dev.haulout.proxy.cli;

import dev.haulout.proxy.lua.check.Finding;
import dev.haulout.proxy.lua.check.LuaCheck;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.SortedSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code haulout lua}: what helps to write scripts. */
@Command(name = "lua", description = "Helps to write Lua configurations.", mixinStandardHelpOptions = true)
final class LuaCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** {@code haulout lua check FILE}. */
    @Command(
            name = "check",
            description = {
                "Reads a configuration as the proxy would, without opening a listener or a connection, and tells what is"
                        + " wrong with it: syntax, unknown names, wrong handlers and options, likely mistakes. What"
                        + " stands in callbacks is searched for unknown names, not run.",
                "Exits with 0 when there is nothing to tell, 1 when there is, 2 when the file can't be read."
            },
            mixinStandardHelpOptions = true)
    int check(@Parameters(paramLabel = "FILE", description = "The configuration, such as config.lua.") Path file) {
        try {
            SortedSet<Finding> findings = LuaCheck.check(file);
            findings.forEach(System.out::println);
            return findings.isEmpty() ? 0 : 1;
        } catch (NoSuchFileException e) {
            System.err.println(file + " is not there");
        } catch (IOException e) {
            System.err.println(file + " can't be read: " + e.getMessage());
        }
        return Main.MISUSE;
    }
}
