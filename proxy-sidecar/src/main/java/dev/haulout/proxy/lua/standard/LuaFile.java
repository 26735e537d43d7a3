package dev.haulout.proxy.lua.standard;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaUserdata;
import org.luaj.vm2.LuaValue;

/** An open file, pipe or standard stream of the io library. */
final class LuaFile extends LuaUserdata {
    private final RandomAccessFile file;
    private final InputStream in;
    private final OutputStream out;
    /** The program at the other end of a pipe, or null. */
    private final Process program;

    private final boolean append;
    private final byte[] buffer = new byte[8192];
    private int at;
    private int end;
    private boolean closed;

    private LuaFile(
            LuaTable methods,
            RandomAccessFile file,
            InputStream in,
            OutputStream out,
            Process program,
            boolean append) {
        super(new Object(), methods);
        this.file = file;
        this.in = in;
        this.out = out;
        this.program = program;
        this.append = append;
    }

    /** A file on disk. */
    static LuaFile disk(LuaTable methods, RandomAccessFile file, boolean append) {
        return new LuaFile(methods, file, null, null, null, append);
    }

    /** A standard stream; one of both is null. */
    static LuaFile stream(LuaTable methods, InputStream in, OutputStream out) {
        return new LuaFile(methods, null, in, out, null, false);
    }

    /** A program's output, or its input when it is to be written to. */
    static LuaFile program(LuaTable methods, Process program, boolean write) {
        return new LuaFile(
                methods,
                null,
                write ? null : program.getInputStream(),
                write ? program.getOutputStream() : null,
                program,
                false);
    }

    boolean isClosed() {
        return closed;
    }

    private int read() throws IOException {
        if (at == end) {
            int got = file != null
                    ? file.read(buffer, 0, buffer.length)
                    : in != null ? in.read(buffer, 0, buffer.length) : refuse("reading");
            if (got <= 0) {
                return -1;
            }
            at = 0;
            end = got;
        }
        return buffer[at++] & 0xff;
    }

    private static int refuse(String what) throws IOException {
        throw new IOException("Bad file descriptor (not open for " + what + ")");
    }

    private int peek() throws IOException {
        int c = read();
        if (c >= 0) {
            at--;
        }
        return c;
    }

    /** A line; null at the end. */
    LuaValue line(boolean withEnd) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c = read();
        if (c < 0) {
            return LuaValue.NIL;
        }
        while (c >= 0 && c != '\n') {
            line.write(c);
            c = read();
        }
        if (c == '\n' && withEnd) {
            line.write(c);
        }
        return LuaString.valueUsing(line.toByteArray());
    }

    LuaValue all() throws IOException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int c = read(); c >= 0; c = read()) {
            text.write(c);
        }
        return LuaString.valueUsing(text.toByteArray());
    }

    LuaValue bytes(int count) throws IOException {
        if (count == 0) {
            return peek() < 0 ? LuaValue.NIL : LuaValue.valueOf("");
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (text.size() < count) {
            int c = read();
            if (c < 0) {
                break;
            }
            text.write(c);
        }
        return text.size() == 0 ? LuaValue.NIL : LuaString.valueUsing(text.toByteArray());
    }

    LuaString numeral() throws IOException {
        while (peek() == ' ' || (peek() >= 9 && peek() <= 13)) {
            read();
        }
        StringBuilder text = new StringBuilder();
        while (text.length() < 200 && peek() >= 0 && "+-0123456789abcdefABCDEFxXpP.".indexOf(peek()) >= 0) {
            text.append((char) read());
        }
        return LuaString.valueOf(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(LuaString text) throws IOException {
        if (out != null) {
            out.write(text.m_bytes, text.m_offset, text.m_length);
        } else if (file != null) {
            if (append) {
                file.seek(file.length());
                at = end;
            } else {
                forget();
            }
            file.write(text.m_bytes, text.m_offset, text.m_length);
        } else {
            refuse("writing");
        }
    }

    /** What was read ahead counts as not read. */
    private void forget() throws IOException {
        if (at < end) {
            file.seek(file.getFilePointer() - (end - at));
            at = end;
        }
    }

    double seek(String from, double offset) throws IOException {
        if (file == null) {
            throw new IOException("Illegal seek");
        }
        forget();
        double base = switch (from) {
            case "set" -> 0;
            case "end" -> file.length();
            default -> file.getFilePointer();
        };
        if (base + offset < 0) {
            throw new IOException("Invalid argument");
        }
        file.seek((long) (base + offset));
        return base + offset;
    }

    void flush() throws IOException {
        if (out != null) {
            out.flush();
        }
    }

    /** Returns the status of the program that was at the other end, 0 when there was none. */
    int close() throws IOException, InterruptedException {
        closed = true;
        if (file != null) {
            file.close();
        } else if (program != null) {
            if (out != null) {
                out.close();
            } else {
                in.close();
            }
            return program.waitFor();
        } else {
            flush();
        }
        return 0;
    }

    @Override
    public String tojstring() {
        return closed ? "file (closed)" : "file (0x" + Integer.toHexString(System.identityHashCode(this)) + ")";
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    @Override
    public boolean raweq(LuaValue other) {
        return this == other;
    }
}
