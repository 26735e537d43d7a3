package dev.haulout.e2e.pools;

import com.zaxxer.hikari.HikariDataSource;

/**
 * A HikariCP pool that keeps each idle connection alive more than once in the half second after which the instance of
 * these tests falls asleep. Its configuration would refuse that: it takes 30 s and more. The pool itself asks its data
 * source anew for each connection it makes, and takes what it is told, less up to a fifth at random.
 */
final class KeepAlivePool extends HikariDataSource {
    private static final long KEEP_ALIVE_MILLIS = 200;

    @Override
    public long getKeepaliveTime() {
        return KEEP_ALIVE_MILLIS;
    }
}
