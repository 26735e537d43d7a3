/**
 * A client's session from greeting to quit: its state machine, what it takes to rebuild it on a fresh backend
 * connection, and what pins it to the present one. Everything of one session runs on one event loop. Uses {@code
 * protocol}, {@code sql}, {@code account}, {@code backend}, {@code tls}, {@code wake} and {@code metrics}.
 */
package dev.haulout.proxy.session;
