package dev.haulout.proxy.door;

import dev.haulout.proxy.session.ConnectionIds;
import dev.haulout.proxy.session.Guide;
import dev.haulout.proxy.session.LoginThrottle;
import dev.haulout.proxy.session.OtherProxies;
import java.time.Duration;
import java.util.Optional;

/**
 * What holds for all doors of one proxy, or of one instance there.
 *
 * @param ids gives each session its connection id
 * @param loginDeadline how long a client may take to log in
 * @param strangers how many may be at the doors without having logged in
 * @param throttle slows down those who guess
 * @param proxies whose PROXY headers are believed
 * @param guide leads clients to other instances than the one behind the door; empty for none
 * @param others other proxies that have sessions of the same instance
 */
public record DoorRules(
        ConnectionIds ids,
        Duration loginDeadline,
        Strangers strangers,
        LoginThrottle throttle,
        Networks proxies,
        Optional<Guide> guide,
        OtherProxies others) {
    /**
     * The rules unless there is a reason: ten seconds to log in, 256 strangers from one address, 4096 in all, nobody who
     * leads, and no other proxies.
     */
    public static DoorRules usual(ConnectionIds ids, Networks proxies) {
        return new DoorRules(
                ids,
                Duration.ofSeconds(10),
                new Strangers(256, 4096),
                new LoginThrottle(),
                proxies,
                Optional.empty(),
                OtherProxies.NONE);
    }

    /** The same for a door whose clients {@code guide} leads. @param proxies whose PROXY headers are believed there */
    public DoorRules leading(Guide guide, Networks proxies) {
        return new DoorRules(ids, loginDeadline, strangers, throttle, proxies, Optional.of(guide), others);
    }

    /** The same for the doors of an instance that other proxies serve too. */
    public DoorRules beside(OtherProxies these) {
        return new DoorRules(ids, loginDeadline, strangers, throttle, proxies, guide, these);
    }
}
