package dev.haulout.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.sql.KeepAlives;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParseContextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT @a := id FROM users",
                "SELECT @a := user_names, in_use FROM databases",
                "UPDATE characters_of_books SET a = @b",
                "SELECT @a := COUNT(*) FROM schemas"
            })
    void namesThatOnlySoundLikeItChangeNothing(String sql) {
        assertThat(ParseContext.mayChange(query(sql), false)).isFalse();
        assertThat(ParseContext.mayChangeDatabase(query(sql), false)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PREPARE s FROM 'SET NAMES latin1'",
                "EXECUTE IMMEDIATE 'set character_set_client = latin1'",
                "EXECUTE IMMEDIATE 'set @@collation_connection = latin1_bin'",
                "EXECUTE IMMEDIATE 'SET sql_mode=ANSI'",
                "EXECUTE IMMEDIATE 'SET CHARSET utf8'"
            })
    void whatMayChangeHowTextsAreReadIsSeen(String sql) {
        assertThat(ParseContext.mayChange(query(sql), false)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EXECUTE IMMEDIATE 'use other'",
                "EXECUTE IMMEDIATE CONCAT('USE`', @name, '`')",
                "DROP DATABASE shop",
                "DROP SCHEMA shop"
            })
    void whatMayChangeTheDatabaseIsSeen(String sql) {
        assertThat(ParseContext.mayChangeDatabase(query(sql), false)).isTrue();
    }

    private static RunningCommand query(String sql) {
        ByteBuf frame = Wire.frame(
                Unpooled.buffer().alloc(),
                0,
                Unpooled.buffer().writeByte(Command.QUERY).writeBytes(sql.getBytes(StandardCharsets.UTF_8)));
        try {
            return RunningCommand.read(frame, KeepAlives.NONE);
        } finally {
            frame.release();
        }
    }
}
