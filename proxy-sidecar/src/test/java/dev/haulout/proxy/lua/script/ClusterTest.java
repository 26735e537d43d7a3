package dev.haulout.proxy.lua.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Script;
import dev.haulout.proxy.lua.library.Address;
import dev.haulout.proxy.lua.library.Libraries;
import dev.haulout.proxy.lua.script.Cluster.NodeState;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Section 5: clusters. */
class ClusterTest {
    private final Script script = Script.trusted();

    @BeforeEach
    void install() {
        Libraries.install(script.engine, _ -> {});
        new Library(script.engine.machine(), script.engine.machine().globals()).add("mysql_cluster", Cluster::make);
    }

    @AfterEach
    void close() {
        script.close();
    }

    private Cluster cluster(String arguments) throws Exception {
        AtomicReference<Cluster> made = new AtomicReference<>();
        script.engine.run(
                ("return mysql_cluster(" + arguments + ")").getBytes(StandardCharsets.UTF_8),
                "@test.lua",
                dev.haulout.proxy.lua.Limits.NONE,
                values -> made.set((Cluster) values.arg1()));
        return made.get();
    }

    @Test
    void theChosenNodeIsThatOfTheVectorsForEveryAccount() throws Exception {
        String[] lines = new String(
                        ClusterTest.class
                                .getResourceAsStream("cluster-vectors.txt")
                                .readAllBytes(),
                        StandardCharsets.UTF_8)
                .split("\n");
        assertThat(lines).hasSize(4);
        for (String line : lines) {
            String[] parts = line.split("\t");
            String[] nodes = parts[0].split(" ");
            Cluster cluster = cluster("{'" + String.join("', '", nodes) + "'}");
            StringBuilder chosen = new StringBuilder();
            for (int i = 0; i < 10_000; i++) {
                Address first = cluster.order(
                                Optional.of(String.format("account%05d", i)), _ -> NodeState.UNKNOWN, false)
                        .getFirst();
                chosen.append((char) ('a' + cluster.nodes().indexOf(first)));
            }
            assertThat(chosen.toString()).as(Arrays.toString(nodes)).isEqualTo(parts[1]);
        }
    }

    @Test
    void thePortCountsUnlessItIsTheUsualOne() throws Exception {
        Cluster cluster = cluster("{'10.0.0.1:3307', '10.0.0.1:3308'}");
        int first = 0;
        for (int i = 0; i < 1000; i++) {
            if (cluster.order(Optional.of("a" + i), _ -> NodeState.UNKNOWN, false)
                            .getFirst()
                            .ip()
                            .getPort()
                    == 3307) {
                first++;
            }
        }
        assertThat(first).isBetween(400, 600);
    }

    @Test
    void aBetterStateGoesFirstAndReadOnlyWhenItIsWanted() throws Exception {
        Cluster cluster = cluster("{'10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'}");
        Map<String, NodeState> states = Map.of(
                "10.0.0.1",
                NodeState.DEAD,
                "10.0.0.2",
                NodeState.READ_ONLY,
                "10.0.0.3",
                NodeState.ALIVE,
                "10.0.0.4",
                NodeState.AUTH_FAILED);

        for (int i = 0; i < 50; i++) {
            Optional<String> account = Optional.of("a" + i);
            assertThat(cluster.order(
                            account, node -> states.get(node.ip().getAddress().getHostAddress()), false))
                    .extracting(node -> node.ip().getAddress().getHostAddress())
                    .containsExactly("10.0.0.3", "10.0.0.2", "10.0.0.4", "10.0.0.1");
            assertThat(cluster.order(
                                    account,
                                    node -> states.get(node.ip().getAddress().getHostAddress()),
                                    true)
                            .getFirst()
                            .tojstring())
                    .isEqualTo("10.0.0.2:3306");
        }
    }

    @Test
    void optionsAreKeptAndTheirContradictionsErrors() throws Exception {
        assertThat(cluster(
                                "{'@a'}, {monitoring = true, user = 'u', password = 'p', no_read_only = true, disconnect_unavailable = true}")
                        .options())
                .isEqualTo(new Cluster.Options(true, true, true, Optional.of("u"), Optional.of("p")));
        String[][] wrong = {
            {"{}", "Cluster is empty"},
            {"{a = '@a'}", "Key is not a number"},
            {"{'db1'}", "is no numeric address"},
            {"{'@a'}, {monitoring = 1}", "monitoring is not a boolean"},
            {"{'@a'}, {user = 5}", "user is not a string"},
            {"{'@a'}, {monitoring = true, password = 'p'}", "password without user"},
            {"{'@a'}, {monitoring = true, no_read_only = true}", "no_read_only without user"},
            {"{'@a'}, {user = 'u'}", "user without monitoring"},
            {"{'@a'}, {disconnect_unavailable = true}", "disconnect_unavailable without monitoring"},
            {"{'@a'}, {x = true}", "Unknown option 'x'"},
            {"{'@a'}, {}, 1", "Too many parameters"},
        };
        for (String[] one : wrong) {
            assertThatThrownBy(() -> cluster(one[0])).as(one[0]).hasMessageContaining(one[1]);
        }
    }
}
