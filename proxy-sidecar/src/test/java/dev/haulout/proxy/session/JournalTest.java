package dev.haulout.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haulout.proxy.sql.Statement;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {
    private final Journal journal = new Journal();

    private void promise(String sql) {
        journal.promise(bytes(sql), Statement.read(bytes(sql)));
    }

    private void ran(String sql) {
        journal.ran(bytes(sql), Statement.read(bytes(sql)));
    }

    private static byte[] bytes(String sql) {
        return sql.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> texts() {
        return journal.entries().stream()
                .map(entry -> new String(entry.sql(), StandardCharsets.UTF_8))
                .toList();
    }

    @Test
    void aLaterSetTakesTheEarliersPlace() {
        promise("SET wait_timeout = 10");
        promise("SET @a = 1");
        promise("SET SESSION wait_timeout = 20");

        assertThat(texts()).containsExactly("SET @a = 1", "SET SESSION wait_timeout = 20");
    }

    @Test
    void setsOfSeveralVariablesReplaceOnlyTheirLike() {
        promise("SET @a = 1, @b = 2");
        promise("SET @a = 3");
        promise("SET @a = 4, @b = 5");

        assertThat(texts()).containsExactly("SET @a = 3", "SET @a = 4, @b = 5");
    }

    /** Each builds on what was before: none may be left out. */
    @Test
    void appendsAreAllKeptInOrder() {
        promise("SET sql_mode = 'ANSI'");
        promise("SET sql_mode = CONCAT(@@sql_mode, ',NO_ZERO_DATE')");
        promise("SET sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')");

        assertThat(texts())
                .containsExactly(
                        "SET sql_mode = 'ANSI'",
                        "SET sql_mode = CONCAT(@@sql_mode, ',NO_ZERO_DATE')",
                        "SET sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES')");
    }

    @Test
    void namesAndCharacterSetAreNotEachOther() {
        promise("SET NAMES latin1");
        promise("SET CHARACTER SET utf8mb4");
        promise("SET NAMES utf8mb4");

        assertThat(texts()).containsExactly("SET CHARACTER SET utf8mb4", "SET NAMES utf8mb4");
    }

    @Test
    void aBeginIsSaidLastAndOnce() {
        journal.promiseBegin(bytes("BEGIN"));
        promise("SET @a = 1");
        journal.promiseBegin(bytes("START TRANSACTION"));

        assertThat(texts()).containsExactly("SET @a = 1", "START TRANSACTION");
        assertThat(journal.hasBegin()).isTrue();
    }

    @Test
    void anEndedTransactionThatNeverBeganIsForgotten() {
        journal.promiseBegin(bytes("BEGIN"));

        journal.forgetBegin();

        assertThat(journal.hasBegin()).isFalse();
        assertThat(texts()).isEmpty();
    }

    @Test
    void keptPromisesAreRepeatedButNoBegin() {
        promise("SET @a = 1");
        journal.promiseBegin(bytes("BEGIN"));

        journal.kept();

        assertThat(texts()).containsExactly("SET @a = 1");
        assertThat(journal.entries()).noneMatch(Journal.Entry::promised);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SET @a = (SELECT 1)", "CALL p()", "SET GLOBAL wait_timeout = 1"})
    void whatNoTextShowsMakesItOpaque(String sql) {
        ran(sql);

        assertThat(journal.isOpaque()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SELECT 1", "DO 1", "COMMIT", "SET @a = 1", "USE shop"})
    void whatTextsShowDoesNot(String sql) {
        ran(sql);

        assertThat(journal.isOpaque()).isFalse();
    }

    @Test
    void tooManyEntriesAreAskedForInstead() {
        for (int i = 0; i <= 200; i++) {
            promise("SET @v" + i + " = 1");
        }

        assertThat(journal.isOpaque()).isTrue();
    }

    @Test
    void whatTheSessionToldReplacesWhatTextsTold() {
        ran("CALL p()");
        promise("SET @a = 1");

        journal.replaceWith(List.of(bytes("SET @a = 2"), bytes("SET @b = 3")));

        assertThat(texts()).containsExactly("SET @a = 2", "SET @b = 3");
        assertThat(journal.isOpaque()).isFalse();
        assertThat(journal.pins()).isEmpty();
    }
}
