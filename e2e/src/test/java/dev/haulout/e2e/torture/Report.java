package dev.haulout.e2e.torture;

import dev.haulout.e2e.torture.Killer.Blow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a run went.
 *
 * @param sleeps by the proxy's log
 * @param wakes starts of the server by its own log
 * @param hits blows that met a running process
 * @param acknowledged rows whose writer was told OK
 * @param notRun rows whose writer was told, or knows, that they did not run
 * @param unknown rows whose writer knows nothing
 * @param sessions opened by all writers together
 * @param troubles errors that clients got, by meaning
 * @param longestCallMillis of all calls of all clients
 * @param filesBefore open files of the proxy, asleep and without clients, before the run
 * @param filesAfter the same after the run
 * @param reckoning the ledger against the table
 * @param otherFaults what else must not have been
 */
record Report(
        Torture.Plan plan,
        long sleeps,
        long wakes,
        Map<Blow, Integer> hits,
        long acknowledged,
        long notRun,
        long unknown,
        int sessions,
        Map<Trouble, Long> troubles,
        long longestCallMillis,
        long filesBefore,
        long filesAfter,
        Reckoning reckoning,
        List<String> otherFaults) {

    /** Everything that was promised and not kept. */
    List<String> faults() {
        List<String> all = new ArrayList<>(reckoning.faults());
        all.addAll(otherFaults);
        return all;
    }

    int hits(Blow blow) {
        return hits.getOrDefault(blow, 0);
    }

    @Override
    public String toString() {
        return """
                torture for %d s, seed %d (again with -Dhaulout.torture.seed=%d)
                  sleeps %d, starts of the server %d, blows %s
                  rows acknowledged %d, not run %d, unknown %d; sessions %d; errors %s
                  longest call %d ms; open files of the proxy %d before, %d after
                  faults: %s""".formatted(
                        plan.seconds(),
                        plan.seed(),
                        plan.seed(),
                        sleeps,
                        wakes,
                        hits,
                        acknowledged,
                        notRun,
                        unknown,
                        sessions,
                        troubles,
                        longestCallMillis,
                        filesBefore,
                        filesAfter,
                        faults().isEmpty() ? "none" : "\n    " + String.join("\n    ", faults()));
    }
}
