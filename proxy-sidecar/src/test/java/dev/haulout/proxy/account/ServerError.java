package dev.haulout.proxy.account;

import java.io.IOException;

/** An ERR packet that a server sent. */
final class ServerError extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient Refusal error;

    ServerError(Refusal error) {
        super(error.toString());
        this.error = error;
    }

    Refusal error() {
        return error;
    }
}
