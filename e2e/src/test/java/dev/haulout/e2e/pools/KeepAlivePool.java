package dev.haulout.e2e.pools;

import com.zaxxer.hikari.HikariDataSource;

/**
 * A HikariCP pool that keeps its idle connections alive each second. Its configuration would refuse that: it takes 30 s
 * and more. The pool itself asks its data source anew for each connection it makes, and takes what it is told; it then
 * has up to a fifth less as chance will have it.
 */
final class KeepAlivePool extends HikariDataSource {
    private static final long KEEP_ALIVE_MILLIS = 1_000;

    @Override
    public long getKeepaliveTime() {
        return KEEP_ALIVE_MILLIS;
    }
}
