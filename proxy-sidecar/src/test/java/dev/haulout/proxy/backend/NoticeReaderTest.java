package dev.haulout.proxy.backend;

import static dev.haulout.proxy.backend.FakeServer.frame;
import static dev.haulout.proxy.backend.FakeServer.joined;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.protocol.MalformedPacketException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoticeReaderTest {
    private static final byte[] NOTICES = joined(
            frame(0, "one".getBytes(StandardCharsets.UTF_8)),
            frame(0),
            frame(0, "two".getBytes(StandardCharsets.UTF_8)));

    private static final byte[] ANSWER = frame(1, (byte) 0, (byte) 0, (byte) 0, (byte) 2);

    private final List<String> heard = new ArrayList<>();
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream();
    private final NoticeReader reader =
            new NoticeReader(notice -> heard.add(new String(notice, StandardCharsets.UTF_8)));

    private void read(byte[] bytes) {
        ByteBuf left = reader.read(
                UnpooledByteBufAllocator.DEFAULT,
                UnpooledByteBufAllocator.DEFAULT.buffer().writeBytes(bytes));
        rest.writeBytes(ByteBufUtil.getBytes(left));
        left.release();
    }

    @Test
    void noticesComeBeforeAnAnswerHoweverTheBytesAreCut() {
        byte[] all = joined(NOTICES, ANSWER);
        for (int cut = 0; cut <= NOTICES.length + 3; cut++) {
            heard.clear();
            rest.reset();
            read(Arrays.copyOf(all, cut));
            read(Arrays.copyOfRange(all, cut, all.length));

            assertThat(heard).as("cut at %s", cut).containsExactly("one", "", "two");
            assertThat(rest.toByteArray()).as("cut at %s", cut).isEqualTo(ANSWER);
        }
    }

    @Test
    void whatIsTooLongForANoticeIsNotWaitedFor() {
        assertThatThrownBy(() -> read(new byte[] {1, 0, 0x10, 0})).isInstanceOf(MalformedPacketException.class);
    }
}
