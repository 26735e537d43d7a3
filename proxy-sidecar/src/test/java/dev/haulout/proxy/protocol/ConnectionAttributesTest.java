package dev.haulout.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConnectionAttributesTest {
    private static final byte[] CLIENTS = "\4_pid\00242".getBytes(StandardCharsets.ISO_8859_1);

    @Test
    void oneMoreIsAddedToTheClientsOwn() {
        byte[] more = ConnectionAttributes.with(CLIENTS, ConnectionAttributes.SIDECAR, "1");

        assertThat(more).startsWith(CLIENTS);
        assertThat(ConnectionAttributes.say(more, ConnectionAttributes.SIDECAR, "1"))
                .isTrue();
        assertThat(ConnectionAttributes.say(more, "_pid", "42")).isTrue();
        assertThat(ConnectionAttributes.say(more, ConnectionAttributes.SIDECAR, "2"))
                .isFalse();
    }

    @Test
    void whatCannotBeReadSaysNothing() {
        assertThat(ConnectionAttributes.say(CLIENTS, ConnectionAttributes.SIDECAR, "1"))
                .isFalse();
        assertThat(ConnectionAttributes.say(new byte[] {4, 'a'}, "a", "")).isFalse();
        assertThat(ConnectionAttributes.say(new byte[] {(byte) 0xff}, "a", "")).isFalse();
    }
}
