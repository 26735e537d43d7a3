/**
 * The measurements behind {@code ./haulout bench}. Each runs the program as a user would, takes its figures from outside
 * it (the clock of a foreign client, {@code /proc}, the server's own log), and prints the raw samples before the result.
 */
package dev.haulout.e2e.bench;
