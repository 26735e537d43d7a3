package dev.haulout.proxy.postgres;

import java.io.IOException;

/** The server refused something; the connection goes on unless it was being made. */
public final class PgException extends IOException {
    private static final long serialVersionUID = 1;

    PgException(String message) {
        super(message);
    }
}
