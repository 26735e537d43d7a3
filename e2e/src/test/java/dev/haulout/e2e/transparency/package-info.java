/**
 * Differential transparency: the scripts of the server's own test suite, run directly against a server and through the
 * door, in several modes. What their client writes down must be the same byte for byte.
 */
package dev.haulout.e2e.transparency;
