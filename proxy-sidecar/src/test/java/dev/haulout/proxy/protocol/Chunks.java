package dev.haulout.proxy.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A stream of bytes as a network may deliver it. */
final class Chunks {
    private Chunks() {}

    /** One byte at a time. */
    static List<byte[]> single(byte[] stream) {
        List<byte[]> chunks = new ArrayList<>(stream.length);
        for (byte b : stream) {
            chunks.add(new byte[] {b});
        }
        return chunks;
    }

    /** Cut at places that {@code seed} decides: some chunks tiny, some long. */
    static List<byte[]> random(byte[] stream, long seed) {
        Random random = new Random(seed);
        int longest = 1 << (1 + random.nextInt(14));
        List<byte[]> chunks = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int end = Math.min(stream.length, at + 1 + random.nextInt(random.nextInt(4) == 0 ? longest : 8));
            if (stream.length > 1 << 20) {
                end = Math.min(stream.length, at + 1 + random.nextInt(1 << 16));
            }
            chunks.add(Arrays.copyOfRange(stream, at, end));
            at = end;
        }
        return chunks;
    }
}
