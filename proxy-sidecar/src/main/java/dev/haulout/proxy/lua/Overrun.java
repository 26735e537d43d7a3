package dev.haulout.proxy.lua;

/**
 * A script used more than it may. No pcall catches it: it ends the task. An {@link Error}, so that nothing between takes
 * it for a mistake that can be handled.
 */
final class Overrun extends Error {
    private static final long serialVersionUID = 1;

    Overrun(String message) {
        super(message, null, false, false);
    }
}
