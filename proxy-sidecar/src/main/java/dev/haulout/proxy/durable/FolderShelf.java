package dev.haulout.proxy.durable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A folder as a shelf: each thing a file that only we may read, written durably.
 *
 * @param folder need not exist before the first write of somebody else makes it
 */
public record FolderShelf(Path folder) implements Shelf {
    @Override
    public Optional<byte[]> read(String name) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(folder.resolve(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void write(String name, byte[] content) throws IOException {
        DurableFiles.replace(folder.resolve(name), content);
    }

    @Override
    public String place(String name) {
        return folder.resolve(name).toString();
    }
}
