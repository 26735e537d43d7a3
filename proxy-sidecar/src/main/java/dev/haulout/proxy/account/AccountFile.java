package dev.haulout.proxy.account;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.haulout.proxy.durable.Shelf;
import java.io.IOException;
import java.util.Optional;

/**
 * The accounts of one server where they are kept, as JSON. A crash at any point leaves either the old content or the new.
 *
 * @param shelf where; as secret as the server's own table of accounts
 * @param name under which name
 */
public record AccountFile(Shelf shelf, String name) {
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
        shelf.write(name, JSON.writeValueAsBytes(new Content(FORMAT, book)));
    }

    /**
     * Reads the file.
     *
     * @return empty when there is none
     * @throws DamagedAccountFileException when it isn't a file of accounts
     * @throws IOException when it can't be read
     */
    public Optional<AccountBook> read() throws IOException {
        Optional<byte[]> bytes = shelf.read(name);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            Content content = READER.readValue(bytes.get());
            if (content == null || content.book() == null) {
                throw new DamagedAccountFileException(shelf.place(name), "it holds no accounts");
            }
            if (content.format() != FORMAT) {
                throw new DamagedAccountFileException(
                        shelf.place(name), "its format is " + content.format() + ", not " + FORMAT);
            }
            return Optional.of(content.book());
        } catch (JsonProcessingException e) {
            // Neither its message nor the exception itself is passed on: both may quote hashes.
            JsonLocation at = e.getLocation();
            throw new DamagedAccountFileException(
                    shelf.place(name),
                    at == null ? "it holds no accounts" : "line " + at.getLineNr() + ", column " + at.getColumnNr());
        }
    }
}
