package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.durable.FolderShelf;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountFileTest {
    @TempDir
    Path directory;

    @Test
    void whatWasWrittenIsRead() throws Exception {
        // given
        AccountBook book;
        try (RealServer server = RealServer.start()) {
            server.execute(
                    "CREATE USER locked@'10.%' IDENTIFIED BY 'x' REQUIRE CIPHER 'c' ISSUER '/i' ACCOUNT LOCK",
                    "CREATE USER either IDENTIFIED VIA unix_socket OR mysql_native_password USING 'invalid'",
                    "CREATE ROLE r, s",
                    "GRANT SELECT ON mysql.* TO r",
                    "GRANT s TO r");
            book = server.book();
        }
        AccountFile file = new AccountFile(new FolderShelf(directory), "shop.accounts");

        // when
        file.write(book);

        // then
        assertThat(file.read()).contains(book);
    }

    @Test
    void everyKindOfMethodAndRequirementIsRead() throws IOException {
        // given
        AccountBook book = book();
        AccountFile file = new AccountFile(new FolderShelf(directory), "shop.accounts");

        // when
        file.write(book);

        // then
        assertThat(file.read()).contains(book);
        assertThat(file.read().orElseThrow().accounts()).isEqualTo(book.accounts());
    }

    @Test
    void onlyTheOwnerMayReadIt() throws IOException {
        // given
        Path path = Files.createFile(
                directory.resolve("shop.accounts"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));

        // when
        new AccountFile(new FolderShelf(path.getParent()), path.getFileName().toString()).write(book());

        // then
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void failedWriteLeavesTheOldFileAndNoOther() throws IOException {
        // given: the name is taken by a directory that can't be replaced
        Path path = Files.createDirectory(directory.resolve("shop.accounts"));
        Path inside = Files.createFile(path.resolve("kept"));

        // when
        assertThatThrownBy(() -> new AccountFile(
                                new FolderShelf(path.getParent()),
                                path.getFileName().toString())
                        .write(book()))
                .isInstanceOf(IOException.class);

        // then
        assertThat(inside).exists();
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void noFileIsNoBook() throws IOException {
        assertThat(new AccountFile(new FolderShelf(directory), "none").read()).isEqualTo(Optional.empty());
    }

    @Test
    void anyTruncationIsReportedWithFileAndRemedy() throws IOException {
        // given
        Path path = directory.resolve("shop.accounts");
        AccountFile file = new AccountFile(
                new FolderShelf(path.getParent()), path.getFileName().toString());
        file.write(book());
        byte[] whole = Files.readAllBytes(path);

        for (int length = 0; length < whole.length; length += 7) {
            // when
            Files.write(path, java.util.Arrays.copyOf(whole, length));

            // then
            assertThatThrownBy(file::read)
                    .isInstanceOf(DamagedAccountFileException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("delete it");
        }
    }

    @Test
    void damageIsReportedWithoutQuotingHashes() throws IOException {
        // given
        Path path = directory.resolve("shop.accounts");
        AccountFile file = new AccountFile(
                new FolderShelf(path.getParent()), path.getFileName().toString());
        file.write(book());
        String text = Files.readString(path);

        for (String damaged : new String[] {
            text.replace("\"format\":1", "\"format\":2"),
            text.replace("\"locked\":false", "\"locked\":\"JHDAwG3uQv0WGLuZAFrcouydHhk\""),
            text.replace("\"sha1sha1\":\"JHDA", "\"sha1sha1\":\"#JHDA"),
            text.replace("\"settings\"", "\"setting\""),
            text.replaceFirst("\"methods\":\\[[^]]*]", "\"methods\":[]"),
            text + "{}",
            "[]",
            "null"
        }) {
            assertThat(damaged).isNotEqualTo(text);
            // when
            Files.writeString(path, damaged);

            // then
            assertThatThrownBy(file::read)
                    .isInstanceOf(DamagedAccountFileException.class)
                    .satisfies(e -> {
                        StringWriter trace = new StringWriter();
                        e.printStackTrace(new PrintWriter(trace));
                        assertThat(trace.toString()).doesNotContain("JHDA");
                    });
        }
    }

    private static AccountBook book() throws IOException {
        return Books.with()
                .account("native", "%", Books.NATIVE)
                .account("ed", "10.%", Books.ED25519 + ",\"ssl_type\":2,\"account_locked\":true")
                .account("socket", "localhost", "\"plugin\":\"unix_socket\",\"ssl_type\":1")
                .account("pam", "%", "\"plugin\":\"pam\",\"ssl_type\":3,\"ssl_cipher\":\"c\"")
                .account("bad", "%", "\"authentication_string\":\"invalid\",\"access\":18446744073709551615")
                .account("r", "", "\"is_role\":true,\"access\":1")
                .grant("native", "%", "shop")
                .read();
    }
}
