package dev.haulout.proxy.account;

import java.io.IOException;

/** A file of accounts that can't be understood. Its message names the file and says what to do. */
public final class DamagedAccountFileException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedAccountFileException(String place, String fault) {
        super("account file %s is damaged (%s): delete it, and the accounts are learnt anew at the next wake"
                .formatted(place, fault));
    }
}
