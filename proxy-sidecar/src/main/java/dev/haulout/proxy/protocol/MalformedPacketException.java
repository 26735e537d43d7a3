package dev.haulout.proxy.protocol;

/** A packet that is not what the protocol says it should be. */
public final class MalformedPacketException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param problem what is wrong with it, to follow "malformed packet: " */
    public MalformedPacketException(String problem) {
        super("malformed packet: " + problem);
    }
}
