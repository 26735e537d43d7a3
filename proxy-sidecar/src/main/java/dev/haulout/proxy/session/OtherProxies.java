package dev.haulout.proxy.session;

import java.util.function.Consumer;

/** The other proxies that have sessions of the same instance. */
@FunctionalInterface
public interface OtherProxies {
    /** There are none. */
    OtherProxies NONE = (order, then) -> then.accept(new KillAnswer.Unknown());

    /**
     * Has a session of theirs killed. Doesn't block.
     *
     * @param then told what came of it, once, within seconds and on any thread
     */
    void kill(KillOrder order, Consumer<KillAnswer> then);
}
