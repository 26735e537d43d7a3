package dev.haulout.proxy.leak;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeaksFailTest {

    @Test
    void everyBufferIsWatched() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(ResourceLeakDetector.Level.PARANOID);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLostBufferIsReported(boolean pooled) throws InterruptedException {
        ByteBufAllocator allocator = pooled ? PooledByteBufAllocator.DEFAULT : ByteBufAllocator.DEFAULT;

        lose(allocator);

        List<String> reports = LeakReports.take();
        assertThat(reports).singleElement().asString().contains(getClass().getSimpleName());
    }

    @SuppressWarnings("CheckReturnValue") // that is the point
    private static void lose(ByteBufAllocator allocator) {
        allocator.buffer(16).writeByte(1);
    }

    @Test
    void aReleasedBufferIsNot() throws InterruptedException {
        ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer(16).writeByte(1);

        buffer.release();

        assertThat(LeakReports.take()).isEmpty();
    }
}
