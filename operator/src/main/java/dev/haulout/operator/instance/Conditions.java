package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceStatus.Phase;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The only maker of conditions: Ready, Asleep, Progressing, Degraded, and VolumeResizing while it is so. Their times change only with their status. */
final class Conditions {
    private final Clock clock;

    /**
     * What is wrong.
     *
     * @param reason one word, for programs
     * @param message for people
     */
    record Fault(String reason, String message) {
        static Fault of(Trouble trouble) {
            return new Fault(trouble.reason().text(), trouble.message());
        }
    }

    Conditions(Clock clock) {
        this.clock = clock;
    }

    /**
     * @param before those that stand, or null
     * @param generation of the spec they are about
     * @param phase how it is
     * @param word the same as a reason, for programs
     * @param why in words
     * @param fault what is wrong
     * @param growth how its volume grows; there is a condition of it only meanwhile
     */
    List<Condition> of(
            List<Condition> before,
            long generation,
            Phase phase,
            String word,
            String why,
            Optional<Fault> fault,
            Optional<String> growth) {
        String reason = fault.map(Fault::reason).orElse(word);
        String message = fault.map(Fault::message).orElse(why);
        List<Condition> conditions = new ArrayList<>(List.of(
                one(before, "Ready", isReady(phase), reason, message, generation),
                one(before, "Asleep", phase == Phase.ASLEEP, word, why, generation),
                one(before, "Progressing", isProgressing(phase), word, why, generation),
                one(
                        before,
                        "Degraded",
                        fault.isPresent(),
                        fault.isPresent() ? reason : "AsExpected",
                        fault.isPresent() ? message : "",
                        generation)));
        growth.ifPresent(how -> conditions.add(one(before, "VolumeResizing", true, "Resizing", how, generation)));
        return conditions;
    }

    private Condition one(
            List<Condition> before, String type, boolean holds, String reason, String message, long generation) {
        String status = holds ? "True" : "False";
        String since = before == null
                ? null
                : before.stream()
                        .filter(old ->
                                old.getType().equals(type) && old.getStatus().equals(status))
                        .map(Condition::getLastTransitionTime)
                        .findFirst()
                        .orElse(null);
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message)
                .withObservedGeneration(generation)
                .withLastTransitionTime(since == null ? now().toString() : since)
                .build();
    }

    /** The fault that those conditions tell of. */
    static Optional<Fault> fault(List<Condition> conditions) {
        return conditions == null
                ? Optional.empty()
                : conditions.stream()
                        .filter(condition -> condition.getType().equals("Degraded")
                                && condition.getStatus().equals("True"))
                        .map(condition -> new Fault(condition.getReason(), condition.getMessage()))
                        .findFirst();
    }

    /** To the second, as Kubernetes writes times. */
    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    /** Whether a client that connects is served, be it after a wake. */
    private static boolean isReady(Phase phase) {
        return switch (phase) {
            case ASLEEP, WAKING, AWAKE, FALLING_ASLEEP -> true;
            case PENDING, INITIALISING, SUSPENDED, FAILED -> false;
        };
    }

    private static boolean isProgressing(Phase phase) {
        return switch (phase) {
            case PENDING, INITIALISING, WAKING, FALLING_ASLEEP -> true;
            case ASLEEP, AWAKE, SUSPENDED, FAILED -> false;
        };
    }

    /** A phase as a reason. */
    static String word(Phase phase) {
        return switch (phase) {
            case PENDING -> "Pending";
            case INITIALISING -> "Initialising";
            case ASLEEP -> "Asleep";
            case WAKING -> "Waking";
            case AWAKE -> "Awake";
            case FALLING_ASLEEP -> "FallingAsleep";
            case SUSPENDED -> "Suspended";
            case FAILED -> "Failed";
        };
    }
}
