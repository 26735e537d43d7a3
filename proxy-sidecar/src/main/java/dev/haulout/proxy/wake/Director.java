package dev.haulout.proxy.wake;

/**
 * Who decides when an instance sleeps, where that is not the proxy itself: an operator that asks every proxy of the
 * instance first. It answers by {@link Instance#hold} and {@link Instance#letGo}.
 */
public interface Director {
    /**
     * For as long as the settings ask nothing real has happened here, and every session has let go of the server: sleep
     * may be proposed. Said again now and then while that holds. Called on a virtual thread.
     */
    void idle();

    /**
     * Somebody needs the server while it is being held: the sleep has to be called off, or followed by a wake. May be
     * called on any thread and must not block.
     *
     * @param why in words
     */
    void wanted(String why);

    /** What keeps the instance awake is another than before. Called on a virtual thread. */
    void keptBy(Keeper keeper);
}
