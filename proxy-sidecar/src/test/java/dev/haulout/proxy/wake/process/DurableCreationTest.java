package dev.haulout.proxy.wake.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a power cut could take away is read off the system calls: nothing else sees a missing fsync. */
@Timeout(120)
class DurableCreationTest {
    private Host host;

    @BeforeEach
    void openHost() {
        host = new Host();
    }

    @AfterEach
    void closeHost() throws Exception {
        host.close();
    }

    @Test
    void everythingIsOnTheDiskBeforeTheDataDirectoryHasItsName() throws Exception {
        InstanceFolder folder = host.folder("shop");
        List<String> calls = callsOfAFirstStart(folder);
        int named = position(calls, 0, "rename", folder.path() + "/data.tmp-", "\"" + folder.data() + "\"");
        List<String> before = calls.subList(0, named);
        String unfinished = calls.get(named).split("\"")[1];

        for (Path small : List.of(folder.secrets(), folder.accountScript())) {
            int synced = position(before, 0, "fsync", small + ".tmp>");
            int renamed = position(before, synced, "rename", small + ".tmp\"", small + "\"");
            position(before, renamed, "fsync", folder.path() + ">");
        }
        try (Stream<Path> mysql = Files.list(folder.data().resolve("mysql"))) {
            for (Path table : mysql.toList()) {
                position(before, 0, "fsync", unfinished + "/mysql/" + table.getFileName() + ">");
            }
        }
        for (String part : List.of("", "/mysql", "/sys", "/ibdata1", "/ib_logfile0", "/aria_log_control")) {
            position(before, 0, "fsync", unfinished + part + ">");
        }
        int serverStarts = position(calls, named, "rename", "\"" + folder.runRecord() + "\"");
        position(calls.subList(0, serverStarts), named, "fsync", folder.path() + ">");
    }

    @Test
    void accountScriptGoesOnlyWhenWhatItMadeIsOnTheDisk() throws Exception {
        InstanceFolder folder = host.folder("shop");
        List<String> calls = callsOfAFirstStart(folder);

        int gone = position(calls, 0, "unlink", "\"" + folder.accountScript() + "\"");

        position(calls.subList(0, gone), 0, "fsync", folder.data() + ">");
        position(calls, gone, "fsync", folder.path() + ">");
    }

    private List<String> callsOfAFirstStart(InstanceFolder folder) throws Exception {
        Path trace = host.path().resolve("trace");
        assumeThat(strace("true", trace)).as("strace can be used").isTrue();
        Host.stop(Host.start(host.folder("first"))); // so that the template's own making isn't in the trace
        ProcessBuilder starter = Host.starter(folder);
        List<String> command = new ArrayList<>(straceCommand(trace));
        command.addAll(starter.command());
        Process proxy = starter.command(command)
                .redirectErrorStream(false)
                .redirectOutput(ProcessBuilder.Redirect.PIPE)
                .start();
        assertThat(Host.printedPid(proxy)).isPositive();
        proxy.descendants().forEach(ProcessHandle::destroyForcibly);
        proxy.waitFor();
        return Files.readAllLines(trace);
    }

    private static boolean strace(String program, Path trace) throws InterruptedException {
        try {
            List<String> command = new ArrayList<>(straceCommand(trace));
            command.add(program);
            return Command.run(command).status() == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    private static List<String> straceCommand(Path trace) {
        return List.of(
                "strace",
                "-f",
                "-y",
                "-s",
                "300",
                "--seccomp-bpf",
                "-e",
                "trace=fsync,rename,renameat,renameat2,unlink,unlinkat",
                "-o",
                trace.toString());
    }

    /** Where the first call of that name with all these parts is, from a position on. */
    private static int position(List<String> calls, int from, String name, String... parts) {
        for (int i = from; i < calls.size(); i++) {
            String call = calls.get(i);
            if (call.contains(" " + name) && Stream.of(parts).allMatch(call::contains)) {
                return i;
            }
        }
        throw new AssertionError(
                "no " + name + " of " + List.of(parts) + " among the calls from " + from + " to " + calls.size());
    }
}
