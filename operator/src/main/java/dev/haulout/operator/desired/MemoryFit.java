package dev.haulout.operator.desired;

/**
 * How a server is fitted to an amount of memory.
 *
 * @param bufferPool in MiB
 * @param redo size of the redo log in MiB
 * @param connections how many at most
 */
record MemoryFit(int bufferPool, int redo, int connections) {
    private static final long MIB = 1 << 20;

    /** Of the memory; the rest is for connections, temporary tables, the server itself and the page cache. */
    private static final int POOL_PERCENT = 45;

    private static final int SMALLEST_POOL = 16;

    /** What a server takes before it has a buffer pool or a client, in MiB: measured 30 on 10.11, newer ones take more. */
    private static final int SERVER = 48;

    /** What a busy connection takes, in KiB: measured 200 while idle, and 2500 while all 40 sort and join at once. */
    private static final int CONNECTION = 1536;

    private static final int FEWEST_CONNECTIONS = 10;

    /** The server's own default. */
    private static final int MOST_CONNECTIONS = 151;

    /** The redo log is what a wake after a crash has to read: measured 250 ms at 16 MiB and 870 ms at 96 MiB. */
    private static final int SMALLEST_REDO = 16;

    private static final int LARGEST_REDO = 96;

    /** @param bytes the memory */
    static MemoryFit of(long bytes) {
        long memory = bytes / MIB;
        long beside = SERVER + FEWEST_CONNECTIONS * CONNECTION / 1024;
        long pool = Math.max(SMALLEST_POOL, Math.min(memory * POOL_PERCENT / 100, memory - beside));
        long connections = (memory - SERVER - pool) * 1024 / CONNECTION;
        return new MemoryFit(Math.toIntExact(pool), (int) Math.clamp(memory / 16, SMALLEST_REDO, LARGEST_REDO), (int)
                Math.clamp(connections, FEWEST_CONNECTIONS, MOST_CONNECTIONS));
    }
}
