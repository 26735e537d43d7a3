package dev.haulout.proxy.protocol;

/** The command bytes a client's packets start with after login. */
public final class Command {
    public static final int QUIT = 0x01;
    public static final int INIT_DB = 0x02;
    public static final int QUERY = 0x03;
    public static final int FIELD_LIST = 0x04;
    public static final int STATISTICS = 0x09;
    public static final int PROCESS_INFO = 0x0a;
    public static final int PROCESS_KILL = 0x0c;
    public static final int DEBUG = 0x0d;
    public static final int PING = 0x0e;
    public static final int CHANGE_USER = 0x11;
    public static final int BINLOG_DUMP = 0x12;
    public static final int TABLE_DUMP = 0x13;
    public static final int REGISTER_SLAVE = 0x15;
    public static final int STMT_PREPARE = 0x16;
    public static final int STMT_EXECUTE = 0x17;
    public static final int STMT_SEND_LONG_DATA = 0x18;
    public static final int STMT_CLOSE = 0x19;
    public static final int STMT_RESET = 0x1a;
    public static final int SET_OPTION = 0x1b;
    public static final int STMT_FETCH = 0x1c;
    public static final int RESET_CONNECTION = 0x1f;
    public static final int STMT_BULK_EXECUTE = 0xfa;

    /** In place of a statement's id: the one prepared last on the connection (MariaDB's direct execute). */
    public static final int LAST_PREPARED = -1;

    /** What COM_SET_OPTION says for several statements in one text; 1 is for no more than one. */
    public static final int MULTI_STATEMENTS_ON = 0;

    private Command() {}

    /** Whether the server sends nothing back for it. */
    public static boolean isSilent(int command) {
        return command == QUIT || command == STMT_CLOSE || command == STMT_SEND_LONG_DATA;
    }

    /** Whether it starts with the id of a prepared statement. */
    public static boolean isOnStatement(int command) {
        return switch (command) {
            case STMT_EXECUTE, STMT_BULK_EXECUTE, STMT_SEND_LONG_DATA, STMT_FETCH, STMT_RESET, STMT_CLOSE -> true;
            default -> false;
        };
    }
}
