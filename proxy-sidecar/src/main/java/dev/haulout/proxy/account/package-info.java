/**
 * The server's accounts, kept so that a login can be decided while the server sleeps: which account a user and an
 * address select, whether the proof is right, and which databases the account may use. As secret as {@code
 * mysql.global_priv} itself. Nothing here does I/O except {@link dev.haulout.proxy.account.AccountFile}. Uses {@code
 * durable}.
 */
package dev.haulout.proxy.account;
