package dev.haulout.proxy.host;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.haulout.proxy.metrics.DoorMeters;
import dev.haulout.proxy.placement.Sessions;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Keeper;
import dev.haulout.proxy.wake.LastWake;
import dev.haulout.proxy.wake.Power;
import dev.haulout.proxy.wake.Server;
import java.time.Instant;
import java.util.List;

/**
 * How an instance is, as {@code haulout status} shows it.
 *
 * @param name namespace and name
 * @param state {@link Power#word}
 * @param since when that state began, ISO 8601
 * @param why while awake: what keeps it so and for how long; while waking: what demanded it; after a failure: the cause;
 *     else null
 * @param whySince while awake: since when that keeps it so, or when it was last used, ISO 8601; else null
 * @param doors the addresses clients connect to
 * @param sessionsHeld sessions without a backend connection
 * @param sessionsActive sessions with one
 * @param statements real statements since the proxy started
 * @param idleSeconds since the last real statement, while awake; else null
 * @param sleepsInSeconds until sleep is considered, while awake; else null
 * @param lastWake the most recent wake, null before the first
 * @param serverPid null while no server runs
 * @param serverBytes resident memory of the server; 0 while none runs
 * @param version of the server as last seen
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record InstanceStatus(
        String name,
        String state,
        String since,
        String why,
        String whySince,
        List<String> doors,
        int sessionsHeld,
        int sessionsActive,
        long statements,
        Double idleSeconds,
        Double sleepsInSeconds,
        Wake lastWake,
        Long serverPid,
        long serverBytes,
        String version) {

    /**
     * A wake, as it went.
     *
     * @param at when, ISO 8601
     * @param why what demanded it
     * @param outcome ok or failed
     * @param millis from the demand to the first result
     * @param phases in order
     */
    public record Wake(String at, String why, String outcome, double millis, List<LastWake.Phase> phases) {}

    static InstanceStatus of(HostedInstance hosted) {
        Instance instance = hosted.instance();
        Power power = instance.power();
        Server server = serverOf(power);
        DoorMeters.SessionCount sessions = Sessions.count(instance);
        boolean awake = power instanceof Power.Awake;
        return new InstanceStatus(
                instance.settings().name(),
                power.word(),
                iso(power.since()),
                why(instance, power),
                instance.keeper().map(keeper -> iso(keeper.since())).orElse(null),
                hosted.doors().stream()
                        .map(door -> shown(door.address().toString(), door.port()))
                        .toList(),
                sessions.held(),
                sessions.active(),
                hosted.meters().statements(),
                awake ? instance.idle().toMillis() / 1000.0 : null,
                awake ? instance.untilSleepCheck().toMillis() / 1000.0 : null,
                wake(instance.lastWake()),
                server == null || server.pid().isEmpty() ? null : server.pid().getAsLong(),
                server == null ? 0 : server.residentBytes().orElse(0),
                instance.learned().identity().version());
    }

    private static String shown(String address, int port) {
        return address.endsWith(":0") ? address.substring(0, address.length() - 1) + port : address;
    }

    private static String iso(Instant instant) {
        return instant.truncatedTo(java.time.temporal.ChronoUnit.MILLIS).toString();
    }

    private static Wake wake(LastWake wake) {
        return wake == null ? null : new Wake(iso(wake.at()), wake.why(), wake.outcome(), wake.millis(), wake.phases());
    }

    private static Server serverOf(Power power) {
        return switch (power) {
            case Power.Awake a -> a.server();
            case Power.Draining d -> d.server();
            case Power.Stopping s -> s.server();
            case Power.Asleep a -> null;
            case Power.Waking w -> null;
            case Power.Failed f -> null;
            case Power.Closed c -> null;
        };
    }

    private static String why(Instance instance, Power power) {
        return switch (power) {
            case Power.Waking waking -> waking.why();
            case Power.Failed failed -> failed.cause();
            case Power.Awake a -> keeper(instance);
            case Power.Draining d -> keeper(instance);
            case Power.Stopping s -> null;
            case Power.Asleep a -> null;
            case Power.Closed c -> null;
        };
    }

    private static String keeper(Instance instance) {
        return instance.keeper().map(Keeper::text).orElse(null);
    }
}
