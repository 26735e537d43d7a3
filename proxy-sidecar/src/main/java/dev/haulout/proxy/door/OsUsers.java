package dev.haulout.proxy.door;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Names of the operating system's users, as {@code getpwuid_r(3)} tells them; each uid is asked for once. */
final class OsUsers {
    private static final Map<Integer, Optional<String>> NAMES = new ConcurrentHashMap<>();
    private static final long BUFFER = 16384;
    /** Of glibc's and musl's struct passwd, on 64-bit machines. */
    private static final long STRUCT = 48;

    private OsUsers() {}

    /** The name of {@code uid}; empty when it has none. */
    static Optional<String> name(int uid) {
        return NAMES.computeIfAbsent(uid, OsUsers::lookUp);
    }

    private static Optional<String> lookUp(int uid) {
        Linker linker = Linker.nativeLinker();
        MethodHandle getpwuid = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("getpwuid_r"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment passwd = arena.allocate(STRUCT, 8);
            MemorySegment result = arena.allocate(ValueLayout.ADDRESS);
            int error = (int) getpwuid.invokeExact(uid, passwd, arena.allocate(BUFFER), BUFFER, result);
            if (error != 0 || result.get(ValueLayout.ADDRESS, 0).address() == 0) {
                return Optional.empty();
            }
            MemorySegment name = passwd.get(ValueLayout.ADDRESS, 0).reinterpret(BUFFER);
            return Optional.of(name.getString(0));
        } catch (Throwable e) {
            throw new IllegalStateException("getpwuid_r could not be called", e);
        }
    }
}
