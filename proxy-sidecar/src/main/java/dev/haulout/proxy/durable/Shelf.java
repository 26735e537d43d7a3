package dev.haulout.proxy.durable;

import java.io.IOException;
import java.util.Optional;

/** Where small things are kept under a name, each whole: a folder on a host, a Secret on Kubernetes. */
public interface Shelf {
    /**
     * What lies there under that name.
     *
     * @return empty when there is none
     * @throws IOException when it can't be read
     */
    Optional<byte[]> read(String name) throws IOException;

    /**
     * Puts it there under that name, in place of what was.
     *
     * @throws IOException when it can't be kept; what was there before is as it was
     */
    void write(String name, byte[] content) throws IOException;

    /** Where that is, in words for a person. */
    String place(String name);
}
