package dev.haulout.operator.desired;

/** The spec says something that the CRD's schema lets through and that nothing can be made of; the message tells what. */
public final class UnfitSpecException extends Exception {
    private static final long serialVersionUID = 1L;

    UnfitSpecException(String message, Throwable cause) {
        super(message, cause);
    }
}
