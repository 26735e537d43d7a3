package dev.haulout.proxy.wake;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * An enabled {@code EVENT}, and when the server's own scheduler is to run it next. It runs only where a server is up by
 * then: one that recurs and is missed is passed over until its next time; one that is to run once runs as soon as a
 * server is up again (seen on 10.11).
 *
 * @param name of its database and its own, with a dot between
 * @param at when it is due, by this machine's clock
 */
public record DueEvent(String name, Instant at) {
    /** How long before it is due the server is woken, besides what the wake takes. */
    private static final Duration LEAD = Duration.ofSeconds(10);

    private static final Duration LONGEST_WAKE = Duration.ofMinutes(2);
    private static final Duration LONGEST_STAY = Duration.ofMinutes(5);

    /**
     * The next event of all databases, and in how many seconds it is due; no row when there is none, or the scheduler is
     * off. The scheduler counts intervals from STARTS, by the wall clock of the event's time zone, whatever was executed
     * last; so does this. mysql.event has UTC, weeks as days, quarters
     * as months, and every other interval as a number of its smallest unit. For some seconds an
     * event counts as due though its time has passed, while it may not have begun yet. Of a wall clock that is put back
     * an hour, the scheduler takes no time twice; where the next two candidates are such, it is due now.
     */
    static final String QUERY = """
            SELECT db, name, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), due)
            FROM (SELECT db, name, ends, CASE
                WHEN execute_at IS NOT NULL THEN execute_at
                WHEN starts > now THEN starts
                WHEN first > now THEN first
                WHEN second > now THEN second
                WHEN third > now THEN third
                ELSE IF(third IS NULL, NULL, now) END AS due
              FROM (SELECT *,
                  CONVERT_TZ(IF(months IS NULL, begin + INTERVAL times * seconds SECOND,
                      begin + INTERVAL times * months MONTH), time_zone, '+00:00') AS first,
                  CONVERT_TZ(IF(months IS NULL, begin + INTERVAL (times + 1) * seconds SECOND,
                      begin + INTERVAL (times + 1) * months MONTH), time_zone, '+00:00') AS second,
                  CONVERT_TZ(IF(months IS NULL, begin + INTERVAL (times + 2) * seconds SECOND,
                      begin + INTERVAL (times + 2) * months MONTH), time_zone, '+00:00') AS third
                FROM (SELECT *, IF(months IS NULL, TIMESTAMPDIFF(SECOND, begin, here) DIV seconds,
                      TIMESTAMPDIFF(MONTH, begin, here) DIV months) AS times
                  FROM (SELECT event.*, now,
                      CONVERT_TZ(starts, '+00:00', time_zone) AS begin,
                      CONVERT_TZ(now, '+00:00', time_zone) AS here,
                      CASE WHEN interval_field = 'YEAR' THEN 12 * interval_value
                           WHEN interval_field IN ('QUARTER', 'MONTH', 'YEAR_MONTH') THEN interval_value END AS months,
                      interval_value * CASE WHEN interval_field IN ('WEEK', 'DAY') THEN 86400
                           WHEN interval_field LIKE '%HOUR' THEN 3600
                           WHEN interval_field LIKE '%MINUTE' THEN 60
                           ELSE 1 END AS seconds
                    FROM mysql.event, (SELECT UTC_TIMESTAMP() - INTERVAL 5 SECOND AS now) AS clock
                    WHERE status = 'ENABLED' AND @@GLOBAL.event_scheduler = 'ON'
                      AND (execute_at IS NULL OR last_executed IS NULL)) AS enabled) AS counted) AS candidates) AS dues
            WHERE due IS NOT NULL AND (ends IS NULL OR due <= ends)
            ORDER BY due LIMIT 1""";

    /** Reads the answer to {@link #QUERY}. Only how long it takes is asked, since the server's clock may be another. */
    static Optional<DueEvent> read(List<List<String>> rows, Instant now) {
        return rows.stream()
                .findFirst()
                .map(row -> new DueEvent(
                        row.get(0) + "." + row.get(1),
                        now.plusSeconds(Long.parseLong(row.get(2))).truncatedTo(ChronoUnit.SECONDS)));
    }

    /** In words. */
    public String text() {
        return "event " + name + " is due at " + at;
    }

    /**
     * When a server that sleeps is to be woken for it.
     *
     * @param wake how long a wake takes
     */
    public Instant wakeAt(Duration wake) {
        return at.minus(LEAD).minus(least(wake, LONGEST_WAKE));
    }

    /**
     * From when on a server that is awake stays so for it: it would hardly sleep before it had to wake again.
     *
     * @param wake how long a wake takes
     */
    public Instant stayFrom(Duration wake, Duration sleepAfter) {
        Instant justBefore = wakeAt(wake).minus(LEAD);
        Instant before = at.minus(least(sleepAfter, LONGEST_STAY));
        return before.isBefore(justBefore) ? before : justBefore;
    }

    /** Until when a server that is awake stays so for it: it counts as the last use, and may last. */
    public Instant stayUntil(Duration sleepAfter) {
        return at.plus(least(sleepAfter, LONGEST_STAY));
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
