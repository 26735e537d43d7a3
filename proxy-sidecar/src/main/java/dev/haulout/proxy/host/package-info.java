/**
 * The single-host placement: a folder of manifests turned into doors and servers on this machine, SIGHUP, and the status
 * that {@code haulout status} shows.
 */
package dev.haulout.proxy.host;
