/**
 * The control protocol of myproxy and beng-proxy: datagrams of commands, written and read. Knows no sockets. Uses
 * nothing of ours.
 */
package dev.haulout.proxy.control;
