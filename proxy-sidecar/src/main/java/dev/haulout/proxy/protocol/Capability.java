package dev.haulout.proxy.protocol;

/**
 * Capability flags as one 64-bit set: the low 32 bits are those of the greeting and the handshake response, the high 32
 * MariaDB's extension of them.
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection">Connection</a>
 */
public final class Capability {
    /** Bit 0: set by MySQL's servers and clients; its absence says that the extended MariaDB flags are sent. */
    public static final long CLIENT_MYSQL = 1L;

    public static final long FOUND_ROWS = 1L << 1;
    public static final long CONNECT_WITH_DB = 1L << 3;
    public static final long COMPRESS = 1L << 5;
    public static final long LOCAL_FILES = 1L << 7;
    public static final long PROTOCOL_41 = 1L << 9;
    public static final long INTERACTIVE = 1L << 10;
    public static final long SSL = 1L << 11;
    public static final long TRANSACTIONS = 1L << 13;
    public static final long SECURE_CONNECTION = 1L << 15;
    public static final long MULTI_STATEMENTS = 1L << 16;
    public static final long MULTI_RESULTS = 1L << 17;
    public static final long PS_MULTI_RESULTS = 1L << 18;
    public static final long PLUGIN_AUTH = 1L << 19;
    public static final long CONNECT_ATTRS = 1L << 20;
    public static final long PLUGIN_AUTH_LENENC_DATA = 1L << 21;
    public static final long CAN_HANDLE_EXPIRED_PASSWORDS = 1L << 22;
    public static final long SESSION_TRACK = 1L << 23;
    public static final long DEPRECATE_EOF = 1L << 24;
    public static final long ZSTD_COMPRESSION = 1L << 26;
    public static final long PROGRESS = 1L << 32;
    public static final long COM_MULTI = 1L << 33;
    public static final long STMT_BULK_OPERATIONS = 1L << 34;
    public static final long EXTENDED_METADATA = 1L << 35;
    public static final long CACHE_METADATA = 1L << 36;
    public static final long BULK_UNIT_RESULTS = 1L << 37;

    /** What is not passed through, whatever the server offers: TLS and compression end at the door. */
    public static final long NOT_AT_THE_DOOR = SSL | COMPRESS | ZSTD_COMPRESSION | COM_MULTI;

    private Capability() {}

    /** Whether {@code set} holds every flag of {@code flags}. */
    public static boolean has(long set, long flags) {
        return (set & flags) == flags;
    }
}
