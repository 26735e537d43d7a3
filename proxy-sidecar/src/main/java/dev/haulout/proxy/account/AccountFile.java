package dev.haulout.proxy.account;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The accounts of one server on disk: JSON that only its owner may read. A crash at any point leaves either the old file
 * or the new one.
 *
 * @param path where; its directory must exist
 */
public record AccountFile(Path path) {
    private static final int FORMAT = 1;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectReader READER = JSON.readerFor(Content.class);

    private record Content(int format, AccountBook book) {}

    /**
     * Replaces the file.
     *
     * @throws IOException when it can't be written; the old file, if any, is as it was
     */
    public void write(AccountBook book) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(new Content(FORMAT, book));
        Path directory = path.toAbsolutePath().getParent();
        Path temporary = Files.createTempFile(
                directory,
                "." + path.getFileName(),
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        // The rename itself must survive a power cut too.
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Reads the file.
     *
     * @return empty when there is none
     * @throws DamagedAccountFileException when it isn't a file of accounts
     * @throws IOException when it can't be read
     */
    public Optional<AccountBook> read() throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            Content content = READER.readValue(bytes);
            if (content == null || content.book() == null) {
                throw new DamagedAccountFileException(path, "it holds no accounts");
            }
            if (content.format() != FORMAT) {
                throw new DamagedAccountFileException(path, "its format is " + content.format() + ", not " + FORMAT);
            }
            return Optional.of(content.book());
        } catch (JsonProcessingException e) {
            // Neither its message nor the exception itself is passed on: both may quote hashes.
            JsonLocation at = e.getLocation();
            throw new DamagedAccountFileException(
                    path,
                    at == null ? "it holds no accounts" : "line " + at.getLineNr() + ", column " + at.getColumnNr());
        }
    }
}
