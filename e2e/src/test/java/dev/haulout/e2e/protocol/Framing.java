package dev.haulout.e2e.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How what passes on a connection is cut into packets: where they end can be told from their headers. */
enum Framing {
    PLAIN {
        @Override
        int length(byte[] stream, int at, int packet, Cutter.Side side) {
            return plain(stream, at);
        }
    },
    /** As plain until the login's OK, then in frames of their own. */
    COMPRESSED {
        @Override
        int length(byte[] stream, int at, int packet, Cutter.Side side) {
            boolean login = switch (side) {
                case CLIENT -> packet < 1;
                case SERVER -> packet < 2;
            };
            return login ? plain(stream, at) : 3 + plain(stream, at);
        }
    },
    /** Greeting or request for TLS, then records of TLS. */
    TLS {
        @Override
        int length(byte[] stream, int at, int packet, Cutter.Side side) {
            return packet < 1 ? plain(stream, at) : 5 + ((stream[at + 3] & 0xff) << 8 | stream[at + 4] & 0xff);
        }
    };

    private static final byte PROXY = '\r';
    private static final int LONGEST = 0xffffff;

    /** The catalog, with which each of them begins. */
    private static final byte[] DEFINITION = {3, 'd', 'e', 'f'};

    abstract int length(byte[] stream, int at, int packet, Cutter.Side side);

    private static int plain(byte[] stream, int at) {
        return 4 + ((stream[at] & 0xff) | (stream[at + 1] & 0xff) << 8 | (stream[at + 2] & 0xff) << 16);
    }

    /**
     * A place in a stream.
     *
     * @param open whether the other side could still be told something there, were it the last: it is not amid a packet of
     *     the server's, nor among column definitions, where no client looks for an error, nor amid a long command of the
     *     client's, who does not listen before its end, nor where he has just been asked for something that he then sends
     */
    record Place(long offset, boolean open) {}

    /** The beginning, the end of each packet but the last, and one place within each. */
    List<Place> places(byte[] stream, Cutter.Side side) {
        List<Place> places = new ArrayList<>();
        places.add(new Place(0, true));
        int at = 0;
        if (stream[0] == PROXY) {
            at = 16 + ((stream[14] & 0xff) << 8 | stream[15] & 0xff);
            places.add(new Place(at, true)); // a server that reads a part of it alone has something to say to that
        }
        boolean goesOn = false;
        for (int packet = 0; at < stream.length; packet++) {
            int length = length(stream, at, packet, side);
            boolean goesOnInNext = length == 4 + LONGEST;
            boolean definitions = isDefinition(stream, at) || isDefinition(stream, at + length);
            places.add(new Place(at + length / 2, side == Cutter.Side.CLIENT && !goesOnInNext && !goesOn));
            boolean asks = side == Cutter.Side.SERVER && asks(stream[at + 4] & 0xff, length);
            at += length;
            places.add(new Place(at, !goesOnInNext && !definitions && !asks));
            goesOn = goesOnInNext;
        }
        if (at != stream.length) {
            throw new IllegalArgumentException(
                    "not a stream of whole packets: the last one ends at " + at + " of " + stream.length + " bytes");
        }
        places.removeLast();
        return places;
    }

    /** For another proof, or for a file. */
    private static boolean asks(int first, int length) {
        return first == 0xfe && length > 4 + 9 || first == 0xfb;
    }

    private static boolean isDefinition(byte[] stream, int at) {
        return at + 4 + DEFINITION.length <= stream.length
                && Arrays.equals(stream, at + 4, at + 4 + DEFINITION.length, DEFINITION, 0, DEFINITION.length);
    }
}
