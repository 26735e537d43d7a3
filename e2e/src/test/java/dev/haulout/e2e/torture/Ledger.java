package dev.haulout.e2e.torture;

import java.util.ArrayList;
import java.util.List;

/** Every row that writers tried to write, with what they were told of it. Safe for any thread. */
public final class Ledger {
    /**
     * One row.
     *
     * @param id unique over the run; the table itself does not enforce that, so that a row written twice shows
     * @param unit of what was to be written together: the id of the transaction's first row
     * @param writer who wrote it
     */
    public record Entry(long id, long unit, int writer, Fate fate) {}

    private final List<Entry> entries = new ArrayList<>();

    synchronized void note(long id, long unit, int writer, Fate fate) {
        entries.add(new Entry(id, unit, writer, fate));
    }

    /** Everything noted so far. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** How many rows had this fate. */
    public synchronized long count(Fate fate) {
        return entries.stream().filter(entry -> entry.fate() == fate).count();
    }
}
