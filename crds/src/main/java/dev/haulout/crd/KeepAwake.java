package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * A window of time, coming back again and again, in which an instance is awake though nobody uses it. {@code timeZone} is
 * never null.
 *
 * @param start when it begins, see {@link CronTimes}
 * @param duration how long it lasts, as {@link Durations} reads it
 * @param timeZone where {@code start} is told, as the IANA calls it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.duration) || (duration(self.duration) >= duration('1m')"
                + " && duration(self.duration) <= duration('168h'))",
        fieldPath = ".duration",
        message = "a window can't be that short or that long; write 1m to 168h, or spec.power: Awake to keep it awake"
                + " for good")
@ValidationRule(
        value = "!has(self.timeZone) || (self.timeZone != 'Local' &&"
                + " timestamp('2000-01-01T00:00:00Z').getFullYear(self.timeZone) > 0)",
        fieldPath = ".timeZone",
        message = "this is no time zone; write the name that the IANA gave it, such as Europe/Berlin or UTC")
public record KeepAwake(
        @JsonPropertyDescription("When the window begins: minute, hour, day of the month, month and day of the week as"
                + " cron writes them, such as `0 8 * * Mon-Fri`. A local time that the clocks skip counts at the next"
                + " minute there is, one that comes twice counts once.")
        @Required
        @Size(min = 9, max = 128)
        @Pattern(CronTimes.PATTERN)
        String start,

        @JsonPropertyDescription("How long it lasts.") @Required @Size(min = 2, max = 32) @Pattern(Durations.PATTERN)
        String duration,

        @JsonPropertyDescription("Time zone of `start`, such as `Europe/Berlin`.")
        @Default(UTC)
        @Size(min = 1, max = 64)
        @Pattern(ZONE_PATTERN)
        String timeZone) {

    /** The form of a time zone's name. */
    public static final String ZONE_PATTERN = "^[A-Za-z][A-Za-z0-9_+/-]*$";

    private static final String UTC = "UTC";

    /** Puts the default where the time zone is null. */
    public KeepAwake {
        timeZone = timeZone == null ? UTC : timeZone;
    }
}
