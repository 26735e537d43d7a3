package dev.haulout.proxy.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A socket of the C library: of IP or local, stream, datagram or sequenced packets. Its calls block. Numbers are those of
 * Linux.
 */
public final class NativeSocket implements AutoCloseable {
    private static final int LOCAL = 1;
    private static final int IPV4 = 2;
    private static final int IPV6 = 10;
    private static final int CLOSE_ON_EXEC = 0x80000;
    private static final int NO_SIGNAL = 0x4000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_BINDTODEVICE = 25;
    private static final int SO_REUSEADDR = 2;
    private static final int IP_ADD_MEMBERSHIP = 35;
    private static final int IPV6_JOIN_GROUP = 20;
    private static final int LONGEST_PATH = 107;
    private static final int SHUTDOWN_BOTH = 2;

    private static final MethodHandle SOCKET =
            CLibrary.function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CONNECT =
            CLibrary.function("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle BIND =
            CLibrary.function("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SEND =
            CLibrary.function("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECEIVE =
            CLibrary.function("recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle SET_OPTION = CLibrary.function(
            "setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SHUTDOWN =
            CLibrary.function("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOSE = CLibrary.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    /** What a socket carries. */
    public enum Type {
        STREAM(1),
        DATAGRAM(2),
        SEQUENCED_PACKETS(5);

        private final int number;

        Type(int number) {
            this.number = number;
        }
    }

    private final int fd;
    private final boolean ipv6;
    /** A number must not be given to another socket while a call still uses it. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private volatile boolean closed;

    private NativeSocket(int fd, boolean ipv6) {
        this.fd = fd;
        this.ipv6 = ipv6;
    }

    /** For an address of IP. */
    public static NativeSocket ip(InetAddress address, Type type) throws IOException {
        boolean ipv6 = address instanceof Inet6Address;
        return new NativeSocket(open(ipv6 ? IPV6 : IPV4, type), ipv6);
    }

    /** For a local address. */
    public static NativeSocket local(Type type) throws IOException {
        return new NativeSocket(open(LOCAL, type), false);
    }

    private static int open(int domain, Type type) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CLibrary.state(arena);
            int fd = (int) SOCKET.invokeExact(state, domain, type.number | CLOSE_ON_EXEC, 0);
            return (int) checked(state, fd);
        } catch (Throwable e) {
            throw failed(e);
        }
    }

    /** The message is the C library's, such as {@code Connection refused}. */
    private static long checked(MemorySegment state, long result) throws IOException {
        if (result < 0) {
            throw new IOException(CLibrary.message(CLibrary.errno(state)));
        }
        return result;
    }

    private static IOException failed(Throwable e) {
        if (e instanceof IOException io) {
            return io;
        }
        throw new IllegalStateException("the C library can't be called", e);
    }

    private int fd() throws IOException {
        if (closed) {
            throw new IOException("Bad file descriptor");
        }
        return fd;
    }

    /** Connects to an address of IP. */
    public void connect(InetSocketAddress address) throws IOException {
        with(CONNECT, ip(address));
    }

    /** Connects to a local address: {@code /path} or {@code @name}. */
    public void connectLocal(String name) throws IOException {
        with(CONNECT, local(name));
    }

    /** Binds to an address of IP. */
    public void bind(InetSocketAddress address) throws IOException {
        option(SOL_SOCKET, SO_REUSEADDR, number(1));
        with(BIND, ip(address));
    }

    /** Binds to a local address: {@code /path} or {@code @name}. */
    public void bindLocal(String name) throws IOException {
        with(BIND, local(name));
    }

    private void with(MethodHandle function, byte[] address) throws IOException {
        use.readLock().lock();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CLibrary.state(arena);
            int result =
                    (int) function.invokeExact(state, fd(), arena.allocateFrom(JAVA_BYTE, address), address.length);
            checked(state, result);
        } catch (Throwable e) {
            throw failed(e);
        } finally {
            use.readLock().unlock();
        }
    }

    private byte[] ip(InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        if (!ipv6) {
            return ByteBuffer.allocate(16)
                    .order(ByteOrder.nativeOrder())
                    .putShort((short) IPV4)
                    .order(ByteOrder.BIG_ENDIAN)
                    .putShort((short) address.getPort())
                    .put(bytes)
                    .array();
        }
        int scope = address.getAddress() instanceof Inet6Address six ? six.getScopeId() : 0;
        ByteBuffer buffer = ByteBuffer.allocate(28)
                .order(ByteOrder.nativeOrder())
                .putShort((short) IPV6)
                .order(ByteOrder.BIG_ENDIAN)
                .putShort((short) address.getPort())
                .putInt(0);
        if (address.getAddress() instanceof Inet4Address) {
            buffer.put(new byte[10]).putShort((short) -1);
        }
        return buffer.put(bytes).order(ByteOrder.nativeOrder()).putInt(scope).array();
    }

    private static byte[] local(String name) throws IOException {
        boolean isAbstract = name.startsWith("@");
        byte[] text = (isAbstract ? name.substring(1) : name).getBytes(StandardCharsets.UTF_8);
        if (text.length + (isAbstract ? 1 : 0) > LONGEST_PATH) {
            throw new IOException("File name too long");
        }
        ByteBuffer buffer = ByteBuffer.allocate(2 + text.length + 1)
                .order(ByteOrder.nativeOrder())
                .putShort((short) LOCAL);
        return (isAbstract ? buffer.put((byte) 0).put(text) : buffer.put(text).put((byte) 0)).array();
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }

    /** Listens at one network interface only. */
    public void onlyAt(String networkInterface) throws IOException {
        option(SOL_SOCKET, SO_BINDTODEVICE, (networkInterface + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** Joins a multicast group, at an interface when one is named. */
    public void join(InetAddress group, String networkInterface) throws IOException {
        int index = 0;
        if (networkInterface != null) {
            NetworkInterface found = NetworkInterface.getByName(networkInterface);
            if (found == null) {
                throw new IOException("No such device: " + networkInterface);
            }
            index = found.getIndex();
        }
        if (group instanceof Inet6Address six) {
            byte[] request = ByteBuffer.allocate(20)
                    .order(ByteOrder.nativeOrder())
                    .put(group.getAddress())
                    .putInt(index > 0 ? index : six.getScopeId())
                    .array();
            option(41, IPV6_JOIN_GROUP, request);
        } else {
            byte[] request = ByteBuffer.allocate(12)
                    .order(ByteOrder.nativeOrder())
                    .put(group.getAddress())
                    .putInt(0)
                    .putInt(index)
                    .array();
            option(0, IP_ADD_MEMBERSHIP, request);
        }
    }

    private void option(int level, int name, byte[] value) throws IOException {
        use.readLock().lock();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CLibrary.state(arena);
            int result = (int) SET_OPTION.invokeExact(
                    state, fd(), level, name, arena.allocateFrom(JAVA_BYTE, value), value.length);
            checked(state, result);
        } catch (Throwable e) {
            throw failed(e);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Sends once; of a stream perhaps only a part. Returns how many bytes. */
    public int send(byte[] data, int offset, int length) throws IOException {
        use.readLock().lock();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CLibrary.state(arena);
            MemorySegment bytes = arena.allocate(Math.max(length, 1));
            MemorySegment.copy(data, offset, bytes, JAVA_BYTE, 0, length);
            long sent = (long) SEND.invokeExact(state, fd(), bytes, (long) length, NO_SIGNAL);
            return (int) checked(state, sent);
        } catch (Throwable e) {
            throw failed(e);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Receives once, at most so many bytes; of a datagram what is longer is lost. */
    public byte[] receive(int most) throws IOException {
        use.readLock().lock();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CLibrary.state(arena);
            MemorySegment bytes = arena.allocate(most);
            long got = (long) RECEIVE.invokeExact(state, fd(), bytes, (long) most, 0);
            return bytes.asSlice(0, checked(state, got)).toArray(JAVA_BYTE);
        } catch (Throwable e) {
            throw failed(e);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Closes it; a call that blocks in it ends. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try (Arena arena = Arena.ofConfined()) {
            int woken = (int) SHUTDOWN.invokeExact(CLibrary.state(arena), fd, SHUTDOWN_BOTH);
            use.writeLock().lock();
            try {
                int done = (int) CLOSE.invokeExact(CLibrary.state(arena), fd);
            } finally {
                use.writeLock().unlock();
            }
        } catch (Throwable e) {
            throw new IllegalStateException("the C library can't be called", e);
        }
    }
}
