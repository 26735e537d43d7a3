package dev.haulout.proxy.session;

import dev.haulout.proxy.sql.Statement;

/**
 * A command that was sent to the server.
 *
 * @param command its byte, see {@link dev.haulout.proxy.protocol.Command}
 * @param text a COM_QUERY's text or a COM_INIT_DB's name, as far as it was looked at; null for other commands
 * @param statement what the text says; null where there is none
 * @param real whether it counts as activity
 */
record RunningCommand(int command, byte[] text, Statement statement, boolean real) {}
