package dev.haulout.proxy.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** t */
@Command(name = "demo", description = "x", mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        return 1;
    }
}
