package dev.haulout.proxy.sql;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Replies in a readable form that two of them can be compared by. */
final class Replies {
    private Replies() {}

    /**
     * Every byte of every payload, except that the tracked items of an OK packet are sorted: their order is that of
     * addresses in the server's memory and differs from start to start.
     */
    static List<String> readable(List<byte[]> payloads) {
        return payloads.stream().map(Replies::readable).toList();
    }

    private static String readable(byte[] payload) {
        boolean tracked =
                payload.length > 8 && payload[0] == 0 && payload[1] == 0 && payload[2] == 0 && (payload[4] & 0x40) != 0;
        if (!tracked) {
            return escaped(payload, 0, payload.length);
        }
        ByteBuffer buffer = ByteBuffer.wrap(payload);
        buffer.position(8);
        int total = length(buffer);
        String head = escaped(payload, 0, buffer.position());
        if (total != buffer.remaining()) {
            return escaped(payload, 0, payload.length);
        }
        List<String> items = new ArrayList<>();
        while (buffer.hasRemaining()) {
            int start = buffer.position();
            buffer.get();
            int length = length(buffer);
            buffer.position(buffer.position() + length);
            items.add(escaped(payload, start, buffer.position()));
        }
        Collections.sort(items);
        return head + items;
    }

    private static int length(ByteBuffer buffer) {
        int first = buffer.get() & 0xff;
        return first < 0xfb ? first : (buffer.get() & 0xff) | (buffer.get() & 0xff) << 8;
    }

    private static String escaped(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (char c : new String(bytes, from, to - from, StandardCharsets.ISO_8859_1).toCharArray()) {
            if (c > ' ' && c < 0x7f && c != '\\') {
                text.append(c);
            } else {
                text.append('\\').append(Integer.toHexString(0x100 | c).substring(1));
            }
        }
        return text.toString();
    }
}
