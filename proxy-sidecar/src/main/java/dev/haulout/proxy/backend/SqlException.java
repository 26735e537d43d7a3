package dev.haulout.proxy.backend;

import dev.haulout.proxy.protocol.SqlError;
import java.io.IOException;

/** An ERR packet in answer to a statement of ours. */
public final class SqlException extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient SqlError error;

    SqlException(SqlError error) {
        super("the server answered " + error);
        this.error = error;
    }

    /** What the server said. */
    public SqlError error() {
        return error;
    }
}
