package dev.haulout.operator.gateways;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.crd.MariaDBInstanceStatus.Door;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DoorPortsTest {
    private final DoorPorts ports = new DoorPorts();

    private static MariaDBInstance instance(String uid, String created, Integer port) {
        MariaDBInstance instance = new MariaDBInstance();
        instance.setMetadata(new ObjectMetaBuilder()
                .withName(uid)
                .withUid(uid)
                .withCreationTimestamp(created)
                .build());
        if (port != null) {
            instance.setStatus(new MariaDBInstanceStatus(
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    new Door(uid, port),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null));
        }
        return instance;
    }

    @Test
    void twoNewInstancesGetTwoPorts() {
        MariaDBInstance one = instance("a", "2026-01-01T00:00:00Z", null);
        MariaDBInstance two = instance("b", "2026-01-01T00:00:00Z", null);

        assertThat(ports.of(one, () -> List.of(one, two), () -> Set.of())).hasValue(10000);
        assertThat(ports.of(two, () -> List.of(one, two), () -> Set.of())).hasValue(10001);
        assertThat(ports.of(one, () -> List.of(one, two), () -> Set.of())).hasValue(10000);
    }

    @Test
    void whatTheStatusSaysIsKept() {
        MariaDBInstance one = instance("a", "2026-01-01T00:00:00Z", 20000);

        assertThat(ports.of(one, () -> List.of(one), () -> Set.of())).hasValue(20000);
    }

    @Test
    void ofTwoWithOnePortTheOlderKeepsIt() {
        MariaDBInstance older = instance("b", "2026-01-01T00:00:00Z", 20000);
        MariaDBInstance younger = instance("a", "2026-02-01T00:00:00Z", 20000);

        assertThat(ports.of(younger, () -> List.of(older, younger), () -> Set.of()))
                .hasValue(10000);
        assertThat(ports.of(older, () -> List.of(older, younger), () -> Set.of()))
                .hasValue(20000);
    }

    @Test
    void aFreedPortRestsUntilNoSliceNamesIt() {
        MariaDBInstance one = instance("a", "2026-01-01T00:00:00Z", null);

        assertThat(ports.of(one, () -> List.of(one), () -> Set.of(10000, 10001)))
                .hasValue(10002);
    }

    @Test
    void anOlderInstanceThatComesLaterTakesItsPortBack() {
        MariaDBInstance older = instance("b", "2026-01-01T00:00:00Z", 20000);
        MariaDBInstance younger = instance("a", "2026-02-01T00:00:00Z", 20000);
        ports.of(younger, () -> List.of(younger), () -> Set.of());

        assertThat(ports.of(older, () -> List.of(older, younger), () -> Set.of()))
                .hasValue(20000);
        assertThat(ports.of(younger, () -> List.of(older, younger), () -> Set.of()))
                .hasValue(10000);
    }

    @Test
    void whatIsSettledIsNotLookedForAgain() {
        MariaDBInstance one = instance("a", "2026-01-01T00:00:00Z", 20000);
        ports.of(one, () -> List.of(one), () -> Set.of());

        assertThat(ports.of(
                        one,
                        () -> {
                            throw new AssertionError("asked for every instance");
                        },
                        () -> {
                            throw new AssertionError("asked for every slice");
                        }))
                .hasValue(20000);
    }

    @Test
    void exhaustionIsTold() {
        MariaDBInstance one = instance("a", "2026-01-01T00:00:00Z", null);
        Set<Integer> every =
                IntStream.rangeClosed(DoorPorts.FIRST, DoorPorts.LAST).boxed().collect(Collectors.toSet());

        assertThat(ports.of(one, () -> List.of(one), () -> every)).isEmpty();
    }
}
