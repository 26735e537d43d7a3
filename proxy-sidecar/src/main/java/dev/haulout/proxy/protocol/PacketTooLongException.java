package dev.haulout.proxy.protocol;

/** A frame longer than is accepted at this point of the conversation. */
public final class PacketTooLongException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param length the payload's, in bytes
     * @param limit what is accepted
     */
    public PacketTooLongException(int length, int limit) {
        super("a packet of " + length + " bytes where at most " + limit + " are accepted");
    }
}
