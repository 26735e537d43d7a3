package dev.haulout.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LoginThrottleTest {
    private final AtomicLong nanos = new AtomicLong();
    private final LoginThrottle throttle = new LoginThrottle(nanos::get);

    private static ClientAddress from(int number) {
        byte[] ip = {10, (byte) (number >> 16), (byte) (number >> 8), (byte) number};
        try {
            InetSocketAddress client = new InetSocketAddress(InetAddress.getByAddress(ip), 4711);
            return new ClientAddress.Tcp(client, client);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private long[] failures(int count, ClientAddress address) {
        return LongStream.range(0, count).map(i -> throttle.failed(address)).toArray();
    }

    @Test
    void aFewFailuresAreFreeAndThenItGetsSlower() {
        assertThat(failures(13, from(1))).containsExactly(0, 0, 0, 0, 0, 50, 100, 200, 400, 800, 1600, 2000, 2000);
    }

    @Test
    void itNeverTakesLongerThanTwoSeconds() {
        assertThat(LongStream.of(failures(1_000, from(1))).max()).hasValue(2_000);
    }

    @Test
    void aMinuteWithoutFailureForgives() {
        failures(20, from(1));

        nanos.addAndGet(TimeUnit.SECONDS.toNanos(61));

        assertThat(throttle.failed(from(1))).isZero();
    }

    @Test
    void othersAreNotSlowedDown() {
        failures(20, from(1));

        assertThat(throttle.failed(from(2))).isZero();
    }

    /** What an attacker with many addresses pushes out is what failed longest ago. */
    @Test
    void itRemembersOnlySoManyAddresses() {
        failures(20, from(0));
        for (int i = 1; i < LoginThrottle.MOST_ADDRESSES; i++) {
            throttle.failed(from(i));
        }
        assertThat(throttle.failed(from(0))).as("still known").isEqualTo(2_000);

        for (int i = 1; i <= LoginThrottle.MOST_ADDRESSES; i++) {
            throttle.failed(from(i));
        }

        assertThat(throttle.failed(from(0))).as("forgotten").isZero();
    }

    @Test
    void aCustomersIpv6NetworkIsOneSource() throws Exception {
        failures(5, six("2001:db8:1:2::1"));

        assertThat(throttle.failed(six("2001:db8:1:2:ffff::9"))).isEqualTo(50);
        assertThat(throttle.failed(six("2001:db8:1:3::1"))).isZero();
    }

    private static ClientAddress six(String ip) throws UnknownHostException {
        InetSocketAddress client = new InetSocketAddress(InetAddress.getByName(ip), 4711);
        return new ClientAddress.Tcp(client, client);
    }
}
