package dev.haulout.proxy.wake;

/** Told what happens to instances, on whatever thread it happens; must not block. */
public interface InstanceEvents {
    /** Tells nobody. */
    InstanceEvents UNTOLD = new InstanceEvents() {
        @Override
        public void wakeBegins(Instance instance, String why) {}

        @Override
        public void wakeEnded(Instance instance, LastWake wake) {}

        @Override
        public void wakeMissed(Instance instance) {}

        @Override
        public void tookOver(Instance instance) {}

        @Override
        public void asleep(Instance instance, boolean expected) {}
    };

    /** The first demand came. */
    void wakeBegins(Instance instance, String why);

    /** A wake is complete, or failed. */
    void wakeEnded(Instance instance, LastWake wake);

    /** A demand's deadline passed. */
    void wakeMissed(Instance instance);

    /** A server that already ran was taken over. */
    void tookOver(Instance instance);

    /**
     * The server has ended.
     *
     * @param expected false when it ended by itself
     */
    void asleep(Instance instance, boolean expected);
}
