package dev.haulout.proxy.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/** Extended attributes of files, whatever their namespace: Java reads only those of {@code user}. */
public final class ExtendedAttributes {
    private static final int MOST = 4096;
    private static final MethodHandle GETXATTR =
            CLibrary.function("getxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));

    private ExtendedAttributes() {}

    /** An attribute's value of up to 4096 bytes; empty when it isn't there or can't be read. */
    public static Optional<byte[]> read(Path file, String name) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(MOST);
            long length = (long) GETXATTR.invokeExact(
                    CLibrary.state(arena), arena.allocateFrom(file.toString()), arena.allocateFrom(name), value, (long)
                            MOST);
            return length < 0
                    ? Optional.empty()
                    : Optional.of(value.asSlice(0, length).toArray(JAVA_BYTE));
        } catch (Throwable e) {
            throw new IllegalStateException("getxattr can't be called", e);
        }
    }
}
