package dev.haulout.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a server answers to whatever command, the tracker sees the same in it however the bytes are cut. */
class ResponseTrackerFuzzTest {
    private static final int[] COMMANDS = {
        Command.QUERY,
        Command.INIT_DB,
        Command.FIELD_LIST,
        Command.STATISTICS,
        Command.PROCESS_INFO,
        Command.PING,
        Command.BINLOG_DUMP,
        Command.STMT_PREPARE,
        Command.STMT_EXECUTE,
        Command.STMT_SEND_LONG_DATA,
        Command.STMT_CLOSE,
        Command.STMT_FETCH,
        Command.SET_OPTION,
        Command.RESET_CONNECTION,
        Command.STMT_BULK_EXECUTE,
        0x77
    };

    private record Seen(
            int consumed,
            boolean done,
            boolean wantsFile,
            boolean untouched,
            boolean atBoundary,
            int nextSequence,
            int status,
            boolean failed,
            int errorCode,
            long statementId) {}

    /** The first byte says which command, the second which capabilities, the third how to cut; the rest is the answer. */
    @FuzzTest(maxDuration = "3m")
    void anyAnswer(byte[] input) {
        if (input.length < 3) {
            return;
        }
        int command = COMMANDS[input[0] & 15];
        long capabilities = (input[1] & 1) * Capability.DEPRECATE_EOF
                | (input[1] >> 1 & 1) * Capability.CACHE_METADATA
                | (input[1] >> 2 & 1) * Capability.PROGRESS;
        byte[] answer = Arrays.copyOfRange(input, 3, input.length);

        Seen whole = follow(command, capabilities, List.of(answer));

        assertThat(follow(command, capabilities, Chunks.single(answer))).isEqualTo(whole);
        assertThat(follow(command, capabilities, Chunks.random(answer, input[2])))
                .isEqualTo(whole);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void packetsThatLookLikeAnswers(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 1_000; round++) {
            ByteBuf input = Unpooled.buffer();
            input.writeByte(random.nextInt()).writeByte(random.nextInt()).writeByte(random.nextInt());
            for (int packets = random.nextInt(12); packets > 0; packets--) {
                byte[] payload = new byte[random.nextInt(3) == 0 ? random.nextInt(300) : random.nextInt(10)];
                random.nextBytes(payload);
                if (payload.length > 0) {
                    payload[0] = new byte[] {0, 1, 2, -1, -2, -3, -4, -5}[random.nextInt(8)];
                }
                input.writeMediumLE(payload.length).writeByte(packets).writeBytes(payload);
            }
            byte[] bytes = new byte[input.readableBytes()];
            input.readBytes(bytes);

            anyAnswer(bytes);
        }
    }

    private static Seen follow(int command, long capabilities, List<byte[]> chunks) {
        ResponseTracker tracker = new ResponseTracker(capabilities);
        tracker.begin(command);
        int consumed = 0;
        for (byte[] chunk : chunks) {
            ByteBuf bytes = Unpooled.wrappedBuffer(chunk);
            int here = tracker.feed(bytes);
            assertThat(bytes.readableBytes()).as("feed moves no index").isEqualTo(chunk.length);
            assertThat(here).isBetween(0, chunk.length);
            if (!tracker.done()) {
                assertThat(here).isEqualTo(chunk.length);
            }
            consumed += here;
        }
        return new Seen(
                consumed,
                tracker.done(),
                tracker.wantsFile(),
                tracker.untouched(),
                tracker.errorMayFollow(),
                tracker.nextSequence(),
                tracker.status(),
                tracker.failed(),
                tracker.errorCode(),
                tracker.statementId());
    }
}
