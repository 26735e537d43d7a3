package dev.haulout.proxy.leak;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test class that lost a buffer, showing who touched it last. */
public final class LeaksFail implements AfterAllCallback {
    static {
        LeakReports.install();
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        List<String> leaks = LeakReports.take();
        if (!leaks.isEmpty()) {
            throw new AssertionError(context.getDisplayName() + " lost " + leaks.size()
                    + " buffers that were never released; the first: " + leaks.getFirst());
        }
    }
}
