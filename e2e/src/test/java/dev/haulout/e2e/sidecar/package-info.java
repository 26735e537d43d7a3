/** A sidecar before a gateway's door, which a {@code haulout host} keeps here: a real server, and gateways that end. */
package dev.haulout.e2e.sidecar;
