package dev.haulout.proxy.placement;

import dev.haulout.crd.Durations;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.Sleep;
import dev.haulout.crd.WakeUnverified;
import dev.haulout.proxy.sql.KeepAlives;
import dev.haulout.proxy.wake.InstanceSettings;
import java.util.Set;

/** From what a resource asks for to what an instance's power needs to know. */
public final class Settings {
    private Settings() {}

    /** @param name how the instance is called: namespace and name */
    public static InstanceSettings of(String name, MariaDBInstanceSpec spec) {
        Sleep sleep = spec.sleep();
        return new InstanceSettings(
                name,
                Durations.parse(sleep.after()),
                Durations.parse(sleep.wakeDeadline()),
                Durations.parse(sleep.pinLimit()),
                sleep.wakeUnverified() == WakeUnverified.ALLOW,
                Set.copyOf(sleep.ignoreUsers()),
                new KeepAlives(sleep.keepAlives()));
    }
}
