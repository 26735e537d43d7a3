package dev.haulout.proxy.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.haulout.crd.ListenAddress;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.session.LoginThrottle;
import dev.haulout.proxy.session.OtherProxies;
import dev.haulout.proxy.wake.Sleeper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real door of a sleeping instance whose server must not be started: what strangers get, and how much of it. */
class StrangersAtTheDoorTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private Sleeper sleeper;
    private Door door;
    private final List<Caller> callers = new ArrayList<>();

    private void open(Duration loginDeadline, Strangers strangers) throws Exception {
        sleeper = new Sleeper(LONG);
        door = Door.open(
                sleeper.loops(),
                new ListenAddress.Tcp(InetAddress.getLoopbackAddress(), 0),
                sleeper.instance(),
                new DoorRules(
                        ConnectionIds.ofTheOnlyProxy(),
                        loginDeadline,
                        strangers,
                        new LoginThrottle(),
                        Networks.NONE,
                        Optional.empty(),
                        OtherProxies.NONE),
                new DoorMeters(new SimpleMeterRegistry(), "sleeper", () -> new DoorMeters.SessionCount(0, 0)),
                Optional.empty());
    }

    @AfterEach
    void close() throws IOException {
        for (Caller caller : callers) {
            caller.close();
        }
        if (door != null) {
            await().atMost(LONG).until(() -> sleeper.instance().participants().isEmpty());
            assertThat(sleeper.waker().starts()).as("starts of the server").isZero();
            door.close();
            sleeper.close();
        }
    }

    private Caller call() throws IOException {
        Caller caller = new Caller(door.port());
        callers.add(caller);
        return caller;
    }

    private static int errorCode(byte[] payload) {
        assertThat(payload).startsWith(0xff);
        return payload[1] & 0xff | (payload[2] & 0xff) << 8;
    }

    @Test
    void whoDoesNotLogInIsSentAway() throws Exception {
        open(Duration.ofMillis(100), new Strangers(3, 10));
        Caller silent = call();
        silent.read();

        assertThat(errorCode(silent.read())).isEqualTo(1043);
        assertThat(silent.read()).isEmpty();
    }

    @Test
    void theDeadlineEndsAtTheLogin() throws Exception {
        open(Duration.ofSeconds(2), new Strangers(3, 10));
        Caller caller = call();
        caller.logIn();
        Caller silent = call();
        silent.read();

        assertThat(errorCode(silent.read())).isEqualTo(1043);

        caller.send(new byte[] {1, 0, 0, 0, 0x0e});
        assertThat(caller.read()).as("answer to a ping past the deadline").startsWith(0);
    }

    @Test
    void oneSourceHasOnlySoManyStrangers() throws Exception {
        open(LONG, new Strangers(3, 10));
        List<Caller> inside = List.of(call(), call(), call());
        for (Caller caller : inside) {
            assertThat(caller.read()).startsWith(10);
        }

        Caller fourth = call();

        assertThat(errorCode(fourth.read())).isEqualTo(1040);
        assertThat(fourth.read()).isEmpty();
    }

    @Test
    void whoLeavesMakesRoom() throws Exception {
        open(LONG, new Strangers(1, 10));
        Caller first = call();
        first.read();
        assertThat(errorCode(call().read())).isEqualTo(1040);

        first.close();

        await().atMost(LONG).until(() -> call().read()[0] == 10);
    }

    @Test
    void whoLogsInIsNoStrangerAnyMore() throws Exception {
        open(LONG, new Strangers(1, 10));

        call().logIn();
        call().logIn();
        Caller third = call();

        assertThat(third.read()).startsWith(10);
        assertThat(errorCode(call().read())).isEqualTo(1040);
        callers.getFirst().close();
        await().atMost(LONG).until(() -> sleeper.instance().participants().size() == 2);
        assertThat(errorCode(call().read())).as("a slot given back twice").isEqualTo(1040);
    }

    @Test
    void allSourcesTogetherHaveOnlySoManyStrangers() throws Exception {
        open(LONG, new Strangers(10, 2));
        call().read();
        call().read();

        assertThat(errorCode(call().read())).isEqualTo(1040);
    }

    /** The header alone is enough: nothing is gathered that will not be taken. */
    @ParameterizedTest
    @ValueSource(ints = {8 * 1024 + 1, Wire.MAX_PAYLOAD})
    void aLongHandshakeResponseIsRefusedByItsHeader(int length) throws Exception {
        open(LONG, new Strangers(3, 10));
        Caller caller = call();
        caller.read();

        caller.send(new byte[] {(byte) length, (byte) (length >> 8), (byte) (length >> 16), 1});

        assertThat(errorCode(caller.read())).isEqualTo(1043);
        assertThat(caller.read()).isEmpty();
    }

    @Test
    void wrongPasswordsAreRefused() throws Exception {
        open(LONG, new Strangers(3, 10));
        Caller caller = call();
        caller.read();

        caller.send(Caller.response("app", new byte[20]));

        assertThat(errorCode(caller.read())).isEqualTo(1045);
        assertThat(caller.read()).isEmpty();
    }

    /** Random bytes, and login packets with some bytes changed: always an end, never a wake, never a leak. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyBytesOfAStranger(long seed) throws Exception {
        open(Duration.ofSeconds(1), new Strangers(100, 100));
        Random random = new Random(seed);
        for (int round = 0; round < 25; round++) {
            byte[] bytes = Caller.response("app", new byte[20]);
            if (random.nextBoolean()) {
                bytes = new byte[random.nextInt(300)];
                random.nextBytes(bytes);
            } else {
                for (int i = random.nextInt(5); i >= 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                }
            }
            Caller caller = call();
            int cut = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            caller.send(Arrays.copyOf(bytes, cut));
            caller.send(Arrays.copyOfRange(bytes, cut, bytes.length));
            if (random.nextInt(4) == 0) {
                caller.close();
            } else {
                caller.endOutput();
                for (byte[] payload = caller.read(); payload.length > 0; payload = caller.read()) {
                    assertThat(payload[0]).as("greeting, auth switch or error").isIn((byte) 10, (byte) 0xfe, (byte)
                            0xff);
                }
            }
        }
    }
}
