/** The command line: {@code haulout host}, {@code status} and {@code demo}. Uses {@code host}. */
package dev.haulout.proxy.cli;
