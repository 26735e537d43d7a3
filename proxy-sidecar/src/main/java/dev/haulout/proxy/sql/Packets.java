package dev.haulout.proxy.sql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The few packet payloads a sleeping instance's door needs, as MariaDB writes them.
 *
 * @see <a href="https://mariadb.com/kb/en/clientserver-protocol/">MariaDB client/server protocol</a>
 */
final class Packets {
    static final long CLIENT_MYSQL = 1;
    static final long CLIENT_PROTOCOL_41 = 1L << 9;
    static final long CLIENT_INTERACTIVE = 1L << 10;
    static final long CLIENT_MULTI_STATEMENTS = 1L << 16;
    static final long CLIENT_SESSION_TRACK = 1L << 23;
    static final long CLIENT_DEPRECATE_EOF = 1L << 24;
    static final long EXTENDED_METADATA = 1L << 35;
    static final long CACHE_METADATA = 1L << 36;

    static final int IN_TRANSACTION = 1;
    static final int AUTOCOMMIT = 2;
    static final int NO_BACKSLASH_ESCAPES = 0x200;
    static final int SESSION_STATE_CHANGED = 0x4000;
    static final int ANSI_QUOTES = 0x8000;

    static final int TYPE_LONG = 3;
    static final int TYPE_LONGLONG = 8;
    static final int TYPE_VAR_STRING = 0xfd;
    static final int FLAG_NOT_NULL = 1;
    static final int FLAG_UNSIGNED = 0x20;
    static final int FLAG_BINARY = 0x80;
    static final int BINARY_CHARSET = 63;

    private Packets() {}

    /**
     * An OK packet without affected rows, insert id, warnings or message.
     *
     * @param status status flags, without SESSION_STATE_CHANGED
     * @param tracked the session state changes to report, or an empty array
     */
    static byte[] ok(int status, byte[] tracked) {
        Writer out = new Writer().one(0).one(0).one(0);
        if (tracked.length == 0) {
            return out.two(status).two(0).bytes();
        }
        return out.two(status | SESSION_STATE_CHANGED)
                .two(0)
                .one(0)
                .prefixed(tracked)
                .bytes();
    }

    /** What ends a result set or answers COM_SET_OPTION: EOF, or the OK packet that took its place. */
    static byte[] end(long capabilities, int status) {
        Writer out = new Writer().one(0xfe);
        return ((capabilities & CLIENT_DEPRECATE_EOF) != 0
                        ? out.one(0).one(0).two(status).two(0)
                        : out.two(0).two(status))
                .bytes();
    }

    /** The packet that opens a result set of so many columns (fewer than 251). */
    static byte[] columnCount(long capabilities, int count) {
        Writer out = new Writer().one(count);
        return ((capabilities & CACHE_METADATA) != 0 ? out.one(1) : out).bytes();
    }

    /** The definition of a column that belongs to no table. */
    static byte[] column(long capabilities, String name, int charset, long length, int type, int flags, int decimals) {
        Writer out = new Writer()
                .prefixed("def")
                .prefixed("")
                .prefixed("")
                .prefixed("")
                .prefixed(name)
                .prefixed("");
        if ((capabilities & EXTENDED_METADATA) != 0) {
            out.prefixed("");
        }
        return out.one(12)
                .two(charset)
                .two((int) length)
                .two((int) (length >> 16))
                .one(type)
                .two(flags)
                .one(decimals)
                .two(0)
                .bytes();
    }

    /** A row; its values may be null. */
    static byte[] row(List<String> values) {
        Writer out = new Writer();
        for (String value : values) {
            if (value == null) {
                out.one(0xfb);
            } else {
                out.prefixed(value);
            }
        }
        return out.bytes();
    }

    /** Little-endian integers and length-prefixed bytes, one after the other. */
    static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(32);

        Writer one(int value) {
            out.write(value);
            return this;
        }

        Writer two(int value) {
            return one(value).one(value >> 8);
        }

        /** Bytes after their length as a length-encoded integer. */
        Writer prefixed(byte[] bytes) {
            if (bytes.length < 0xfb) {
                one(bytes.length);
            } else if (bytes.length < 0x10000) {
                one(0xfc).two(bytes.length);
            } else {
                one(0xfd).two(bytes.length).one(bytes.length >> 16);
            }
            out.writeBytes(bytes);
            return this;
        }

        Writer prefixed(String ascii) {
            return prefixed(ascii.getBytes(StandardCharsets.ISO_8859_1));
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
