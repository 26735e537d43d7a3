package dev.haulout.operator.instance;

/**
 * What is in the way of an instance.
 *
 * @param reason its kind
 * @param message what exactly, and the remedy
 * @param hopeless whether it won't pass by itself, so that nobody need wait for it
 */
record Trouble(FailureReason reason, String message, boolean hopeless) {}
