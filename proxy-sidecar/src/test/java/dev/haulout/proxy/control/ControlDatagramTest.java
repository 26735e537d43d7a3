package dev.haulout.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Section 6: the datagrams. */
class ControlDatagramTest {
    private static ControlCommand command(int id, String text) {
        return new ControlCommand(id, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aCommandIsPaddedToFourBytes() {
        byte[] datagram = ControlDatagram.write(List.of(command(20, "abcde"), command(0, "")));

        assertThat(HexFormat.of().formatHex(datagram))
                .isEqualTo("63046101" + "00050014" + "6162636465000000" + "00000000");
    }

    @Test
    void whatWasWrittenIsRead() {
        List<ControlCommand> commands = List.of(command(20, "x"), command(999, "unknown"), command(8, ""));

        assertThat(ControlDatagram.read(ControlDatagram.write(commands)).commands())
                .isEqualTo(commands);
    }

    @Test
    void commandsBeforeAFaultCount() {
        byte[] whole = ControlDatagram.write(List.of(command(20, "one"), command(20, "four")));

        ControlDatagram.Reading reading = ControlDatagram.read(Arrays.copyOf(whole, whole.length - 4));

        assertThat(reading.commands()).containsExactly(command(20, "one"));
        assertThat(reading.fault()).contains("command 20 is cut off");
    }

    @Test
    void foreignAndOddDatagramsAreRefused() {
        assertThat(ControlDatagram.read(new byte[0]).fault()).isPresent();
        assertThat(ControlDatagram.read(new byte[8]).fault()).contains("wrong magic number 00000000");
        byte[] odd = Arrays.copyOf(ControlDatagram.write(List.of(command(20, "four"))), 13);
        assertThat(ControlDatagram.read(odd).fault()).contains("odd length 13");
    }

    @Test
    void noDatagramIsTooStrangeToRead() {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            byte[] datagram = new byte[random.nextInt(64)];
            random.nextBytes(datagram);
            if (datagram.length >= 4 && i % 2 == 0) {
                System.arraycopy(new byte[] {0x63, 0x04, 0x61, 0x01}, 0, datagram, 0, 4);
            }
            ControlDatagram.Reading reading = ControlDatagram.read(datagram);
            assertThat(new ArrayList<>(reading.commands()))
                    .allMatch(command -> command.payload().length <= datagram.length);
        }
    }
}
