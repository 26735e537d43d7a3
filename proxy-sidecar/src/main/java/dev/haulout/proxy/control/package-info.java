/**
 * The control protocol of myproxy and beng-proxy: datagrams of commands, written, read and received. Uses {@code
 * socket}.
 */
package dev.haulout.proxy.control;
