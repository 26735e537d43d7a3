package dev.haulout.operator.server;

/**
 * A server that runs.
 *
 * @param instance uid of the instance it is of, which its certificate has to show
 * @param ip its pod's address
 * @param configuration what it was started with; tells apart what is learnt of it
 */
public record ServerAt(String instance, String ip, String configuration) {}
