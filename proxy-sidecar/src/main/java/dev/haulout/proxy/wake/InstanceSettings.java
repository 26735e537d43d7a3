package dev.haulout.proxy.wake;

import dev.haulout.proxy.sql.KeepAlives;
import java.time.Duration;
import java.util.Set;

/**
 * What an instance's manifest says about its power.
 *
 * @param name how the instance is called in logs and status
 * @param sleepAfter how long without a real statement before it falls asleep
 * @param wakeDeadline how long a statement waits for a wake
 * @param pinLimit how long an idle session that can't be rebuilt keeps the instance awake
 * @param wakeUnverified whether logins that can't be verified asleep may wake it
 * @param ignoreUsers users whose statements neither wake nor count as activity
 * @param keepAlives statements that neither wake nor count as activity, beside those known to everybody
 */
public record InstanceSettings(
        String name,
        Duration sleepAfter,
        Duration wakeDeadline,
        Duration pinLimit,
        boolean wakeUnverified,
        Set<String> ignoreUsers,
        KeepAlives keepAlives) {}
