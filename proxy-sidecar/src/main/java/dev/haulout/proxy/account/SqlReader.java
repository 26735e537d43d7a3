package dev.haulout.proxy.account;

import java.io.IOException;
import java.util.List;

/** Asks a running server. */
@FunctionalInterface
public interface SqlReader {
    /**
     * The rows of a query's result as text in UTF-8; a NULL is a null cell.
     *
     * @throws IOException when the server refuses it or can't be asked
     */
    List<List<String>> query(String sql) throws IOException;
}
