package dev.haulout.proxy.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.OptionalInt;

/** Whether standard output is a terminal, and how wide. */
final class Terminal {
    private static final int STANDARD_OUTPUT = 1;

    /** {@code TIOCGWINSZ}, the same on all the architectures that Linux runs on but MIPS, PowerPC and SPARC. */
    private static final long GET_WINDOW_SIZE = 0x5413;

    /** What a terminal is taken for that doesn't know its width. */
    private static final int USUAL = 80;

    private Terminal() {}

    /** Its columns as {@code ioctl_tty(2)} tells them now; empty when standard output is no terminal. */
    static OptionalInt columns() {
        Linker linker = Linker.nativeLinker();
        MethodHandle ioctl = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("ioctl"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                Linker.Option.firstVariadicArg(2));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(ValueLayout.JAVA_SHORT, 4); // rows, columns, and two nobody sets
            if ((int) ioctl.invokeExact(STANDARD_OUTPUT, GET_WINDOW_SIZE, size) != 0) {
                return OptionalInt.empty();
            }
            int columns = Short.toUnsignedInt(size.getAtIndex(ValueLayout.JAVA_SHORT, 1));
            return OptionalInt.of(columns == 0 ? USUAL : columns);
        } catch (Throwable e) {
            throw new IllegalStateException("ioctl could not be called", e);
        }
    }

    /** A line cut to what fits. */
    static String cut(String line, int columns) {
        return line.length() <= columns ? line : line.substring(0, Math.max(0, columns - 1)) + "…";
    }
}
