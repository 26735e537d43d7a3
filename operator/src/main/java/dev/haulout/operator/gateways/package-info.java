/**
 * The gateways of the release: who is live, who takes connections, and which port of theirs is whose door. Uses
 * {@code crd} and {@code desired}.
 */
package dev.haulout.operator.gateways;
