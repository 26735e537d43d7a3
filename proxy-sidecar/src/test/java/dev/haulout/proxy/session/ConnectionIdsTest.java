package dev.haulout.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Numbers that no server gives, and no two proxies. */
class ConnectionIdsTest {
    @Test
    void proxiesOfOtherNamesGiveOtherIds() {
        ConnectionIds one = ConnectionIds.of("haulout-gateway-7d9c-abcde");
        ConnectionIds other = ConnectionIds.of("haulout-gateway-7d9c-fghij");

        long first = one.next();
        long second = other.next();

        assertThat(first).isBetween(0x8000_0000L, 0xffff_ffffL);
        assertThat(first >> 20).isNotEqualTo(second >> 20);
    }

    @Test
    void aProxyStaysInItsRangeHoweverManyCome() {
        ConnectionIds ids = ConnectionIds.of("gateway");
        long range = ids.next() >> 20;

        boolean stayed = true;
        for (int i = 0; i < 1 << 21; i++) {
            stayed &= ids.next() >> 20 == range;
        }

        assertThat(stayed).isTrue();
    }
}
