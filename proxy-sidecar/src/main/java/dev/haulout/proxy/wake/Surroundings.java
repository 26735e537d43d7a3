package dev.haulout.proxy.wake;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What all instances of one proxy share.
 *
 * @param loops the event loops of sessions and their backend connections
 * @param clock runs short tasks at their time; never anything that blocks
 * @param events told what happens, for logs and metrics
 */
public record Surroundings(EventLoopGroup loops, ScheduledExecutorService clock, InstanceEvents events) {
    EventLoop nextLoop() {
        return loops.next();
    }

    /** Runs what may block on a virtual thread. Of what is under way when the loops end nobody waits for the outcome. */
    void background(Runnable task) {
        Thread.ofVirtual().name("haulout-instance").start(() -> {
            try {
                task.run();
            } catch (RejectedExecutionException e) {
                if (!loops.isShuttingDown()) {
                    throw e;
                }
            }
        });
    }
}
