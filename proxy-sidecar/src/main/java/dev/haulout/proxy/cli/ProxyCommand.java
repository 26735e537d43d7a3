package dev.haulout.proxy.cli;

import ch.qos.logback.classic.Level;
import dev.haulout.proxy.door.InheritedSockets;
import dev.haulout.proxy.lua.Limits;
import dev.haulout.proxy.lua.LuaFailure;
import dev.haulout.proxy.placement.ServiceManager;
import dev.haulout.proxy.scripted.ScriptedProxy;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import sun.misc.Signal;

/** {@code haulout proxy}: the placement that a Lua configuration describes. */
@Command(
        name = "proxy",
        description = {
            "Runs a Lua configuration as CM4all's myproxy does: its callbacks lead clients to servers.",
            "SIGHUP calls the script's function reload; SIGTERM and Ctrl-C let statements finish and end all connections.",
            "Exits with 64 when called wrongly, 78 when the configuration fails or opens no listener."
        },
        exitCodeOnInvalidInput = ProxyCommand.USAGE,
        mixinStandardHelpOptions = true)
final class ProxyCommand implements Callable<Integer> {
    /** As sysexits.h has it. */
    static final int USAGE = 64;

    private static final int CONFIGURATION = 78;
    private static final Duration FAREWELL = Duration.ofSeconds(30);

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "/etc/cm4all/myproxy/config.lua",
            description = "The configuration. Default: ${DEFAULT-VALUE}.")
    private Path config;

    @Override
    public Integer call() throws InterruptedException {
        Logging.setUp(false, Level.INFO);
        ScriptedProxy proxy;
        try {
            proxy = ScriptedProxy.start(config, InheritedSockets.ofThisProcess(), System.out, Limits.CALLBACK);
        } catch (LuaFailure e) {
            return failed(e.getMessage());
        } catch (NoSuchFileException e) {
            return failed(config + " is not there; name the configuration with --config");
        } catch (IOException e) {
            return failed(config + " can't be read: " + e.getMessage());
        }
        CountDownLatch stop = new CountDownLatch(1);
        Signal.handle(new Signal("HUP"), signal -> proxy.reload());
        Signal.handle(new Signal("TERM"), signal -> stop.countDown());
        Signal.handle(new Signal("INT"), signal -> stop.countDown());
        ServiceManager manager = ServiceManager.ofThisProcess();
        manager.ready(proxy.loops(), proxy.clock());
        stop.await();
        manager.stopping();
        proxy.stop(FAREWELL);
        return 0;
    }

    private static int failed(String why) {
        System.err.println(why);
        return CONFIGURATION;
    }
}
