package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/**
 * When an instance falls asleep, and what may wake it. No component is null. Durations are as {@link Durations} reads
 * them.
 *
 * @param after how long no statement may have passed before the instance falls asleep
 * @param wakeDeadline how long a statement waits for the server to wake before it fails
 * @param pinLimit how long a session that cannot be rebuilt may keep the instance awake
 * @param wakeUnverified what to do while asleep with a login that only the server itself can verify
 * @param ignoreUsers accounts that neither wake the instance nor keep it awake
 * @param keepAlives statements that keep a connection alive and not the instance
 * @param keepAwake windows of time in which it is awake though nobody uses it
 * @param keepAlives statements that neither wake the instance nor keep it awake
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!has(self.after) || duration(self.after) > duration('0s')",
        fieldPath = ".after",
        message = "an instance that falls asleep at once is of no use; write a duration longer than 0s, such as 5m, in"
                + " spec.sleep.after")
@ValidationRule(
        value = "!has(self.wakeDeadline) || duration(self.wakeDeadline) > duration('0s')",
        fieldPath = ".wakeDeadline",
        message = "no server wakes in no time; write a duration longer than 0s, such as 60s, in"
                + " spec.sleep.wakeDeadline")
public record Sleep(
        @JsonPropertyDescription("How long no real statement may have passed before the instance falls asleep."
                + " Keep-alives do not count.")
        @Default(DEFAULT_AFTER)
        @Size(min = 2, max = 32)
        @Pattern(Durations.PATTERN)
        String after,

        @JsonPropertyDescription("How long a statement waits for the server to wake before it fails with an error.")
        @Default(DEFAULT_WAKE_DEADLINE)
        @Size(min = 2, max = 32)
        @Pattern(Durations.PATTERN)
        String wakeDeadline,

        @JsonPropertyDescription("How long a session that cannot be rebuilt on another connection (open transaction,"
                + " temporary table, lock) may keep the instance awake. After that it is ended with an error.")
        @Default(DEFAULT_PIN_LIMIT)
        @Size(min = 2, max = 32)
        @Pattern(Durations.PATTERN)
        String pinLimit,

        @JsonPropertyDescription("What happens, while asleep, to a login that only the server itself can verify (pam,"
                + " gssapi and the like). Deny: it gets an error. Allow: it wakes the server, so anyone who reaches"
                + " the door can.")
        @Default("Deny")
        WakeUnverified wakeUnverified,

        @JsonPropertyDescription("Accounts, such as a metrics exporter's, whose statements neither wake the instance"
                + " nor keep it awake.")
        @Size(max = 64)
        List<@Size(min = 1, max = 80) @Pattern(MariaDBInstanceSpec.NAME_PATTERN) String> ignoreUsers,

        @JsonPropertyDescription(
                "Statements, such as a pool's validation query, that keep a connection alive and not the"
                        + " instance: they do not count as use. They begin with SELECT or SHOW and are compared word for word;"
                        + " case, white space, comments and a semicolon at the end make no difference. While asleep, one that"
                        + " only the server can answer gets the server's last answer to it on the same connection; where there"
                        + " is none, it wakes. Keep-alives such as `SELECT 1` need not be listed.")
        @Size(max = 16)
        List<@Size(min = 6, max = 256) @Pattern(KEEP_ALIVE_PATTERN) String> keepAlives,

        @JsonPropertyDescription(
                "Windows of time in which the instance is awake though nobody uses it: it is woken when"
                        + " one begins, and sleeps when it ends and nobody needs it.")
        @Size(max = 16)
        List<KeepAwake> keepAwake) {

    /** Printable text of a statement that reads, without what could make it two statements, or one read in two ways. */
    public static final String KEEP_ALIVE_PATTERN = "^([Ss][Ee][Ll][Ee][Cc][Tt]|[Ss][Hh][Oo][Ww])"
            + " ([ !$%&(-.0-:<-\\[\\]^_a-~]|'[ !#-&(-\\[\\]-~]*'|`[ -_a-~]+`)+$";

    private static final String DEFAULT_AFTER = "5m";
    private static final String DEFAULT_WAKE_DEADLINE = "60s";
    private static final String DEFAULT_PIN_LIMIT = "1h";

    /** What holds when a manifest says nothing about sleep. */
    public static final Sleep DEFAULTS = new Sleep(null, null, null, null, null, null, null);

    /** Puts the defaults where a component is null. */
    public Sleep {
        after = after == null ? DEFAULT_AFTER : after;
        wakeDeadline = wakeDeadline == null ? DEFAULT_WAKE_DEADLINE : wakeDeadline;
        pinLimit = pinLimit == null ? DEFAULT_PIN_LIMIT : pinLimit;
        wakeUnverified = wakeUnverified == null ? WakeUnverified.DENY : wakeUnverified;
        ignoreUsers = ignoreUsers == null ? List.of() : List.copyOf(ignoreUsers);
        keepAlives = keepAlives == null ? List.of() : List.copyOf(keepAlives);
        keepAwake = keepAwake == null ? List.of() : List.copyOf(keepAwake);
    }
}
