package dev.haulout.proxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers are changed in the same way wherever the bytes are cut. */
class AnswerEditTest {
    private static final int WHOLE = 1 << 20;

    private static String edited(AnswerEdit edit, String answer, int piece) {
        byte[] bytes = HexFormat.of().parseHex(answer.replace(" ", ""));
        ByteBuf out = Unpooled.buffer();
        for (int at = 0; at < bytes.length; at += piece) {
            ByteBuf in = Unpooled.copiedBuffer(bytes, at, Math.min(piece, bytes.length - at));
            ByteBuf part = edit.apply(in, UnpooledByteBufAllocator.DEFAULT);
            out.writeBytes(part);
            part.release();
        }
        return HexFormat.of().formatHex(ByteBufUtil.getBytes(out));
    }

    private static String hex(String text) {
        return text.replace(" ", "");
    }

    private static MissingDefinitions twoColumns() {
        return new MissingDefinitions(2, HexFormat.of().parseHex("010000 02 aa 020000 03 bbcc".replace(" ", "")));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, WHOLE})
    void statementGetsItsIdInTheAnswerToItsPreparationAlone(int piece) {
        String prepared = edited(
                new AnswerEdit.StatementId(0x01020304), "0c000001 00 07000000 0100 0000 00 0000 010000 02 00", piece);
        String error = edited(new AnswerEdit.StatementId(0x01020304), "09000001 ff 7a04 23 3432533032", piece);

        assertThat(prepared).isEqualTo(hex("0c000001 00 04030201 0100 0000 00 0000 010000 02 00"));
        assertThat(error).isEqualTo(hex("09000001 ff 7a04 23 3432533032"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, WHOLE})
    void definitionsArePutInWhereTheServerLeftThemOut(int piece) {
        MissingDefinitions edit = twoColumns();

        String result = edited(edit, "020000 01 02 00 030000 02 000007 000000 03 070000 04 fe000002000000", piece);

        assertThat(result)
                .isEqualTo(hex("020000 01 02 01 010000 02 aa 020000 03 bbcc"
                        + "030000 04 000007 000000 05 070000 06 fe000002000000"));
        assertThat(edit.hadResultSet()).isTrue();
        assertThat(edit.addedPackets()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "020000 01 02 01 010000 02 aa 010000 03 bb 070000 04 fe000002000000",
                "020000 01 03 00 030000 02 000007",
                "070000 01 00000002000000",
                "090000 01 ff7a04 23 3432533032",
                "090000 01 ff7a04 23 3432533032 020000 01 02 00"
            })
    void otherAnswersStayAsTheyAre(String answer) {
        for (int piece : new int[] {1, 4, WHOLE}) {
            assertThat(edited(twoColumns(), answer, piece)).isEqualTo(hex(answer));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, WHOLE})
    void sequenceNumbersBeginAnewBehind255(int piece) {
        assertThat(edited(twoColumns(), "020000 01 02 00 010000 fe 00", piece)).endsWith(hex("010000 00 00"));
    }
}
