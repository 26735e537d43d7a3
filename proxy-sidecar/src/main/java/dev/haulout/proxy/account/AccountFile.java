package dev.haulout.proxy.account;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.haulout.proxy.durable.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
        DurableFiles.replace(path, JSON.writeValueAsBytes(new Content(FORMAT, book)));
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
