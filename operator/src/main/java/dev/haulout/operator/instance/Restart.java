package dev.haulout.operator.instance;

/** Whether a server that runs is to make room for another. */
enum Restart {
    /** No reason to. */
    NONE,

    /** When nobody uses it: it shows a certificate that has a successor. */
    WHEN_UNUSED,

    /** Soon: the certificate that it shows ends. */
    CERTIFICATE_ENDS,

    /** At once: its owner asked for it by the annotation {@code haulout.dev/restart}. */
    ASKED_FOR;

    /** Whether it is to be done though the server is used: sessions are held meanwhile. */
    boolean evenIfUsed() {
        return this == CERTIFICATE_ENDS || this == ASKED_FOR;
    }
}
