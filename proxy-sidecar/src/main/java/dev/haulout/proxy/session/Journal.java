package dev.haulout.proxy.session;

import dev.haulout.proxy.sql.Assignment;
import dev.haulout.proxy.sql.Pin;
import dev.haulout.proxy.sql.Statement;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What must be said to a fresh backend connection to make it this session again: the statements that changed the session,
 * in order, as far as texts tell. Where they don't, it says so ({@link #isOpaque}), and only the session itself can be
 * asked.
 */
final class Journal {
    /** More than this and the session is asked, or given up after a crash, rather than replayed. */
    private static final int MOST = 200;

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<Pin> pins = EnumSet.noneOf(Pin.class);
    private boolean opaque;
    private long serial;

    /**
     * One statement to say again.
     *
     * @param sql as the client sent it, or as we made it from the session's own answers
     * @param promised whether the client was told OK without the server: an error is the client's to see
     * @param told whether we made it from the session's own answers
     */
    record Entry(byte[] sql, boolean promised, boolean told) {}

    /** The statements in order. */
    List<Entry> entries() {
        return new ArrayList<>(entries.values());
    }

    /** Whether something may have changed the session that no text showed. */
    boolean isOpaque() {
        return opaque;
    }

    /** What statements may have left behind. */
    Set<Pin> pins() {
        return pins;
    }

    /** Notes a statement that the proxy itself answered with OK. */
    void promise(byte[] text, Statement statement) {
        put(key(statement), new Entry(text, true, false));
    }

    /** Notes a statement that the server accepted. */
    void ran(byte[] text, Statement statement) {
        if (!statement.pins().isEmpty()) { // which for most costs an iterator
            pins.addAll(statement.pins());
        }
        switch (statement) {
            case Statement.SetVariables set when set.deferrable() -> put(key(set), new Entry(text, false, false));
            case Statement.SetVariables set -> opaque = true;
            case Statement.Other other -> opaque |= !other.neutral() || other.mayFireTriggers();
            case Statement.Select select -> {}
            case Statement.Do dummy -> {}
            case Statement.Use use -> {}
            case Statement.Begin begin -> {}
            case Statement.Commit commit -> {}
            case Statement.Rollback rollback -> {}
        }
    }

    /** Notes that something happened which no text shows: a prepared statement ran, say. */
    void becameOpaque() {
        opaque = true;
    }

    /** A deferred BEGIN, to be said last. */
    void promiseBegin(byte[] text) {
        put("begin", new Entry(text, true, false));
    }

    /** The deferred transaction ended before it began. */
    void forgetBegin() {
        entries.remove("begin");
    }

    /** Whether a transaction was promised and not begun. */
    boolean hasBegin() {
        return entries.containsKey("begin");
    }

    /** All promises were kept. */
    void kept() {
        entries.remove("begin");
        entries.replaceAll((key, entry) -> new Entry(entry.sql(), false, entry.told()));
    }

    /** The session told everything about itself: that replaces what the texts told. */
    void replaceWith(List<byte[]> statements) {
        clear();
        for (byte[] statement : statements) {
            put("asked " + serial++, new Entry(statement, false, true));
        }
    }

    /** The session is as after its login. */
    void clear() {
        entries.clear();
        pins.clear();
        opaque = false;
    }

    /** Whether the session's role may be another than its login's. */
    boolean mayHoldRole() {
        return opaque || setRole();
    }

    /** Whether a statement set the session's role. */
    boolean setRole() {
        return pins.contains(Pin.ROLE)
                || entries.values().stream()
                        .anyMatch(entry -> new String(entry.sql(), StandardCharsets.ISO_8859_1).startsWith("SET ROLE"));
    }

    /** Drops one entry, refused by the server. */
    void drop(Entry entry) {
        entries.values().remove(entry);
    }

    private void put(String key, Entry entry) {
        entries.remove(key);
        entries.put(key, entry);
        if (entries.size() > MOST) {
            opaque = true;
        }
    }

    /** Two statements with the same key set the same things, so that the later makes the earlier needless. */
    private String key(Statement statement) {
        if (!(statement instanceof Statement.SetVariables set)) {
            return "other " + serial++;
        }
        StringBuilder key = new StringBuilder("set");
        for (Assignment assignment : set.assignments()) {
            key.append(' ');
            switch (assignment) {
                case Assignment.SystemVariable v
                when v.value() instanceof Assignment.Value.Appended -> key.append(serial++);
                case Assignment.SystemVariable v -> key.append(v.name());
                case Assignment.UserVariable v -> key.append('@').append(v.name());
                case Assignment.Names n -> key.append("names");
                case Assignment.CharacterSet c -> key.append("charset");
                case Assignment.Isolation i -> key.append("isolation");
                case Assignment.Access a -> key.append("access");
            }
        }
        return key.toString();
    }
}
