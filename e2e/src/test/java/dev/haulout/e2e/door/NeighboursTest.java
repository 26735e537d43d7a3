package dev.haulout.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.e2e.HostProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Several instances on one host. */
class NeighboursTest {
    @Test
    void wakeOfOneLeavesTheTemporaryTablesOfAnotherAlone() throws Exception {
        int left = HostProcess.freePort();
        int right = HostProcess.freePort();
        try (HostProcess host = HostProcess.prepare()
                .instance("left", left, "  sleep: {after: 1s}")
                .instance("right", right, "  sleep: {after: 1s}")
                .start()) {
            host.awaitAsleep("right");
            try (Connection pinned = connect(left);
                    Connection other = connect(right)) {
                Shop.say(pinned, "CREATE TEMPORARY TABLE kept (a INT) ENGINE = Aria");
                Shop.say(pinned, "INSERT INTO kept VALUES (7)");

                assertThat(Shop.one(other, "SELECT 5 + 5")).isEqualTo("10");

                assertThat(Shop.one(pinned, "SELECT a FROM kept")).isEqualTo("7");
                assertThat(temporaryFiles(host, "left")).isNotEmpty().noneMatch(file -> file.endsWith("(deleted)"));
                Shop.say(pinned, "DROP TEMPORARY TABLE kept");
            }
        }
    }

    /** The files of temporary tables that the instance's server has open, as the kernel names them. */
    private static List<String> temporaryFiles(HostProcess host, String instance) throws IOException {
        long pid = host.serverPids(instance).getFirst();
        List<String> names = new ArrayList<>();
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            for (Path descriptor : open.toList()) {
                String name = Files.readSymbolicLink(descriptor).toString();
                if (name.contains("#sql-temptable")) {
                    names.add(name);
                }
            }
        }
        return names;
    }

    private static Connection connect(int port) throws Exception {
        return DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/app", "app", "secret");
    }
}
