package dev.haulout.crd;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.BitSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The moments that five fields of cron name: minute, hour, day of the month, month, day of the week. A field is {@code *}
 * or a list of numbers and ranges, each perhaps with a step ({@code 8-18/2}); a range may go round ({@code Fri-Mon}), days
 * of the week may be named, 0 and 7 are Sunday. Where neither day is {@code *}, one that fits suffices, as cron has it. A
 * local time that the zone's clocks skip stands for the first one after it that there is; one that comes twice for its
 * first.
 */
public final class CronTimes {
    private static final String MINUTE = "([0-9]|[1-5][0-9])";
    private static final String HOUR = "([0-9]|1[0-9]|2[0-3])";
    private static final String DAY = "([1-9]|[12][0-9]|3[01])";
    private static final String MONTH = "([1-9]|1[0-2])";
    private static final String WEEKDAY = "([0-7]|Sun|Mon|Tue|Wed|Thu|Fri|Sat|SUN|MON|TUE|WED|THU|FRI|SAT)";
    private static final String STEP = "(/[1-9][0-9]?)?";

    /** The written form as a regular expression of RE2 and of Java. */
    public static final String PATTERN = "^" + "(\\*|" + MINUTE + "(-" + MINUTE + ")?)" + STEP
            + "(,(\\*|" + MINUTE + "(-" + MINUTE + ")?)" + STEP + ")* "
            + "(\\*|" + HOUR + "(-" + HOUR + ")?)" + STEP
            + "(,(\\*|" + HOUR + "(-" + HOUR + ")?)" + STEP + ")* "
            + "(\\*|" + DAY + "(-" + DAY + ")?)" + STEP
            + "(,(\\*|" + DAY + "(-" + DAY + ")?)" + STEP + ")* "
            + "(\\*|" + MONTH + "(-" + MONTH + ")?)" + STEP
            + "(,(\\*|" + MONTH + "(-" + MONTH + ")?)" + STEP + ")* "
            + "(\\*|" + WEEKDAY + "(-" + WEEKDAY + ")?)" + STEP
            + "(,(\\*|" + WEEKDAY + "(-" + WEEKDAY + ")?)" + STEP + ")*$";

    private static final Map<String, Integer> WEEKDAYS =
            Map.of("SUN", 0, "MON", 1, "TUE", 2, "WED", 3, "THU", 4, "FRI", 5, "SAT", 6);

    /** The 29th of February may be eight years away. */
    private static final int MOST_DAYS = 366 * 8 + 1;

    private static final int MINUTES_OF_A_DAY = 24 * 60;

    private final BitSet minutes;
    private final BitSet hours;
    private final BitSet days;
    private final BitSet months;
    private final BitSet weekdays;
    private final boolean eitherDay;
    private final ZoneId zone;

    private CronTimes(String[] fields, ZoneId zone) {
        this.minutes = field(fields[0], 0, 59);
        this.hours = field(fields[1], 0, 23);
        this.days = field(fields[2], 1, 31);
        this.months = field(fields[3], 1, 12);
        this.weekdays = field(fields[4], 0, 6);
        this.eitherDay = !fields[2].startsWith("*") && !fields[4].startsWith("*");
        this.zone = zone;
    }

    /**
     * Reads them.
     *
     * @param text the written form
     * @param zone where they are told
     * @throws IllegalArgumentException when the text has another form
     */
    public static CronTimes parse(String text, ZoneId zone) {
        if (!text.matches(PATTERN)) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is no time that comes again; write minute, hour, day of the month, month and day of the week,"
                    + " such as 0 8 * * Mon-Fri");
        }
        return new CronTimes(text.split(" "), zone);
    }

    private static BitSet field(String text, int first, int last) {
        BitSet values = new BitSet();
        int count = last - first + 1;
        for (String item : text.split(",")) {
            String[] stepped = item.split("/");
            String[] range = stepped[0].split("-");
            int from = range[0].equals("*") ? first : number(range[0]);
            int to = from;
            if (range.length == 2) {
                to = number(range[1]);
            } else if (range[0].equals("*") || stepped.length == 2) {
                to = last;
            }
            int step = stepped.length == 2 ? Integer.parseInt(stepped[1]) : 1;
            for (int value = from; value <= (to < from ? to + count : to); value += step) {
                values.set(first + (value - first) % count);
            }
        }
        return values;
    }

    private static int number(String text) {
        Integer weekday = WEEKDAYS.get(text.toUpperCase(Locale.ROOT));
        return weekday == null ? Integer.parseInt(text) : weekday;
    }

    /** The last of them that is not after {@code now}; empty where there is none within eight years. */
    public Optional<Instant> lastUntil(Instant now) {
        LocalDate today = LocalDate.ofInstant(now, zone).plusDays(1);
        for (int back = 0; back <= MOST_DAYS; back++) {
            LocalDate day = today.minusDays(back);
            for (int minute = fits(day) ? MINUTES_OF_A_DAY - 1 : -1; minute >= 0; minute--) {
                if (fits(minute)) {
                    Instant moment = moment(day, minute);
                    if (!moment.isAfter(now)) {
                        return Optional.of(moment);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The first of them after {@code now}; empty where there is none within eight years. */
    public Optional<Instant> firstAfter(Instant now) {
        LocalDate today = LocalDate.ofInstant(now, zone).minusDays(1);
        for (int ahead = 0; ahead <= MOST_DAYS; ahead++) {
            LocalDate day = today.plusDays(ahead);
            for (int minute = fits(day) ? 0 : MINUTES_OF_A_DAY; minute < MINUTES_OF_A_DAY; minute++) {
                if (fits(minute)) {
                    Instant moment = moment(day, minute);
                    if (moment.isAfter(now)) {
                        return Optional.of(moment);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private boolean fits(LocalDate day) {
        if (!months.get(day.getMonthValue())) {
            return false;
        }
        boolean ofMonth = days.get(day.getDayOfMonth());
        boolean ofWeek = weekdays.get(day.getDayOfWeek().getValue() % 7);
        return eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
    }

    private boolean fits(int minute) {
        return hours.get(minute / 60) && minutes.get(minute % 60);
    }

    private Instant moment(LocalDate day, int minute) {
        LocalDateTime local = day.atTime(minute / 60, minute % 60);
        ZoneOffsetTransition transition = zone.getRules().getTransition(local);
        return transition != null && transition.isGap()
                ? transition.getInstant()
                : local.atZone(zone).toInstant(); // the earlier of two
    }
}
