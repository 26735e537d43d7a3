package dev.haulout.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListenAddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:3307, 127.0.0.1:3307",
        "0.0.0.0:65535, 0.0.0.0:65535",
        "[::1]:3307, [0:0:0:0:0:0:0:1]:3307",
        "[fe80::12ab:0]:1, [fe80:0:0:0:0:0:12ab:0]:1",
        "[2001:db8:1:2:3:4:5:6]:3306, [2001:db8:1:2:3:4:5:6]:3306",
        "[1::]:3306, [1:0:0:0:0:0:0:0]:3306",
        "unix:/run/shop.sock, unix:/run/shop.sock",
    })
    void readsNumericAddressesAndSockets(String text, String expected) {
        assertThat(ListenAddress.parse(text)).hasToString(expected);
    }

    @Test
    void tellsTcpFromUnix() {
        assertThat(ListenAddress.parse("unix:/run/a.sock")).isEqualTo(new ListenAddress.Unix(Path.of("/run/a.sock")));
        assertThat(((ListenAddress.Tcp) ListenAddress.parse("127.0.0.1:3307")).port())
                .isEqualTo(3307);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "3307",
                ":3307",
                "*:3307",
                "localhost:3307",
                "127.0.0.1",
                "127.0.0.1:0",
                "127.0.0.1:65536",
                "127.0.0.1:03307",
                "127.0.0.256:3307",
                "127.1:3307",
                "::1:3307",
                "[:::1]:3307",
                "[1:2:3:4:5:6:7]:3307",
                "[::1]",
                "[fe80::1%eth0]:3307",
                "unix:run/a.sock",
                "/run/a.sock",
                "unix:/run/a b.sock",
                "127.0.0.1:3307\n",
            })
    void refusesEverythingElse(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ListenAddress.parse(text))
                .withMessageContaining("unix:/run/shop.sock");
    }

    @Test
    void holdsTheKernelsLimitForSocketPaths() {
        String longest = "/" + "x".repeat(106);

        assertThat(ListenAddress.parse("unix:" + longest)).hasToString("unix:" + longest);
        assertThatIllegalArgumentException().isThrownBy(() -> ListenAddress.parse("unix:" + longest + "x"));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:3307, 127.0.0.1:3307, true",
        "127.0.0.1:3307, 127.0.0.1:3308, false",
        "127.0.0.1:3307, 127.0.0.2:3307, false",
        "0.0.0.0:3307, 127.0.0.1:3307, true",
        "0.0.0.0:3307, [::1]:3307, false",
        "[::]:3307, 127.0.0.1:3307, true",
        "[::]:3307, [::1]:3307, true",
        "[::1]:3307, [0:0:0:0:0:0:0:1]:3307, true",
        "unix:/run/a.sock, unix:/run/./a.sock, true",
        "unix:/run/a.sock, unix:/run/b.sock, false",
        "unix:/run/a.sock, 127.0.0.1:3307, false",
    })
    void knowsWhichCannotBeListenedOnAtOnce(String one, String other, boolean overlap) {
        assertThat(ListenAddress.parse(one).overlaps(ListenAddress.parse(other)))
                .isEqualTo(overlap);
        assertThat(ListenAddress.parse(other).overlaps(ListenAddress.parse(one)))
                .isEqualTo(overlap);
    }
}
