package dev.haulout.proxy.leak;

import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What Netty's leak detectors report, gathered instead of logged. */
final class LeakReports {
    private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();

    private LeakReports() {}

    /** Takes the place of Netty's own detectors; it must come before the first buffer does. */
    static void install() {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            @SuppressWarnings("deprecation") // the factory's only abstract method is
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                    Class<T> resource, int samplingInterval, long maxActive) {
                return new Gathering<>(resource, samplingInterval);
            }
        });
    }

    /** The leaks of buffers that nothing refers to any more, each reported once. */
    static List<String> take() throws InterruptedException {
        collectGarbage();
        collectGarbage(); // what one collection found is queued one by one, in any order; by the next all of it is
        ByteBufAllocator.DEFAULT.buffer(1).release(); // a detector looks for leaks when something new is tracked
        List<String> taken = new ArrayList<>();
        for (String report = REPORTS.poll(); report != null; report = REPORTS.poll()) {
            taken.add(report);
        }
        return taken;
    }

    /** Returns once what is garbage now has been queued for those that watch it. */
    private static void collectGarbage() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        PhantomReference<Object> garbage = new PhantomReference<>(new Object(), queue);
        do {
            System.gc();
        } while (queue.remove(1_000) != garbage);
    }

    private static final class Gathering<T> extends ResourceLeakDetector<T> {
        @SuppressWarnings("deprecation") // as above
        Gathering(Class<T> resource, int samplingInterval) {
            super(resource, samplingInterval);
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            REPORTS.add(resourceType + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            REPORTS.add(resourceType + ", created who knows where");
        }
    }
}
