package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientHostTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "::ffff:10.0.0.1, 10.0.0.1",
        "::1, ::1",
        "::, ::",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "fe80:0:0:0:0:0:0:0, fe80::",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
    })
    void addressIsWrittenAsTheServerWritesIt(String address, String text) throws UnknownHostException {
        assertThat(ClientHost.of(InetAddress.getByName(address))).isEqualTo(new ClientHost(text, false));
    }
}
