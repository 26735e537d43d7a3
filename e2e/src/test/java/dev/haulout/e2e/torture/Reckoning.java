package dev.haulout.e2e.torture;

import dev.haulout.e2e.torture.Ledger.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The ledger against the table.
 *
 * @param missing acknowledged rows that are not there
 * @param doubled rows that are there more than once
 * @param ghosts rows that are there although their writer was told that they did not run, or that nobody wrote
 * @param torn transactions of which some rows are there and others not
 * @param altered rows written by a session that had lost or changed its user variable without a word
 */
public record Reckoning(Set<Long> missing, Set<Long> doubled, Set<Long> ghosts, Set<Long> torn, Set<Long> altered) {
    private static final int SHOWN = 10;

    /**
     * A row as found in the table.
     *
     * @param writer the session's {@code @writer} as the server saw it, null for NULL
     */
    public record Row(long id, long unit, Integer writer) {}

    /** Holds the ledger against the rows that were found. */
    public static Reckoning of(List<Entry> ledger, List<Row> table) {
        Map<Long, Integer> found = new HashMap<>();
        for (Row row : table) {
            found.merge(row.id(), 1, Integer::sum);
        }
        Set<Long> missing = new TreeSet<>();
        Set<Long> doubled = new TreeSet<>();
        Set<Long> ghosts = new TreeSet<>();
        Set<Long> torn = new TreeSet<>();
        Set<Long> altered = new TreeSet<>();
        Map<Long, Integer> writers = new HashMap<>();
        Map<Long, Set<Boolean>> units = new HashMap<>();
        for (Entry entry : ledger) {
            boolean there = found.containsKey(entry.id());
            writers.put(entry.id(), entry.writer());
            units.computeIfAbsent(entry.unit(), unit -> new HashSet<>()).add(there);
            switch (entry.fate()) {
                case ACKNOWLEDGED -> {
                    if (!there) {
                        missing.add(entry.id());
                    }
                }
                case NOT_RUN -> {
                    if (there) {
                        ghosts.add(entry.id());
                    }
                }
                case UNKNOWN -> {}
            }
        }
        found.forEach((id, times) -> {
            if (times > 1) {
                doubled.add(id);
            }
        });
        units.forEach((unit, seen) -> {
            if (seen.size() > 1) {
                torn.add(unit);
            }
        });
        for (Row row : table) {
            Integer writer = writers.get(row.id());
            if (writer == null) {
                ghosts.add(row.id());
            } else if (!writer.equals(row.writer())) {
                altered.add(row.id());
            }
        }
        return new Reckoning(missing, doubled, ghosts, torn, altered);
    }

    /** What does not add up, a line each; empty if everything does. */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        tell(faults, missing, "acknowledged rows are missing");
        tell(faults, doubled, "rows are there more than once");
        tell(faults, ghosts, "rows are there that did not run");
        tell(faults, torn, "transactions are there in part");
        tell(faults, altered, "rows were written by a session whose @writer had changed");
        return faults;
    }

    private static void tell(List<String> faults, Set<Long> ids, String what) {
        if (!ids.isEmpty()) {
            faults.add(ids.size() + " " + what + ": "
                    + ids.stream().limit(SHOWN).toList() + (ids.size() > SHOWN ? " and more" : ""));
        }
    }
}
