package dev.haulout.proxy.sql;

/**
 * What a statement may have left behind in its backend session that neither its OK packet nor a replay of its text can
 * give back. Which of them asking the session later can confirm or clear is {@link #askable()}.
 */
public enum Pin {
    /** Text {@code PREPARE}, {@code EXECUTE} or {@code DEALLOCATE}: names of prepared statements cannot be listed. */
    PREPARED_TEXT(false),
    /**
     * A variable that is used up by the next statement, or whose value read back later is not what was set:
     * {@code timestamp}, {@code insert_id}, {@code rand_seed1}, {@code identity}, {@code gtid_*}, {@code pseudo_*},
     * {@code sql_log_bin}, {@code skip_replication}.
     */
    ONE_SHOT_VARIABLE(false),
    /** {@code SET TRANSACTION} without SESSION: holds for the next transaction only. */
    NEXT_TRANSACTION(false),
    /** An XA transaction, from {@code XA START} to its end. */
    XA(false),
    /** A table opened by {@code HANDLER}. */
    HANDLER(false),
    /** {@code FLUSH TABLES ... WITH READ LOCK} or {@code FOR EXPORT}. */
    FLUSH_LOCK(false),
    /** {@code BACKUP STAGE} or {@code BACKUP LOCK}. */
    BACKUP(false),
    /** {@code SAVEPOINT}, inside a transaction. */
    SAVEPOINT(false),
    /** {@code GET_LOCK} and its kin: the metadata_lock_info plugin shows a session its own. */
    USER_LOCK(true),
    /** {@code LOCK TABLES}: the transaction state shows it. */
    TABLE_LOCK(true),
    /** {@code CREATE TEMPORARY}: {@code Com_create_temporary_table} in the session's status counts them. */
    TEMPORARY_TABLE(true),
    /** A user variable: {@code information_schema.user_variables} lists them. */
    USER_VARIABLE(true),
    /** {@code SET ROLE}: {@code CURRENT_ROLE()} tells. */
    ROLE(true);

    private final boolean askable;

    Pin(boolean askable) {
        this.askable = askable;
    }

    /** Whether the session itself, asked over its own connection, can tell what has become of it. */
    public boolean askable() {
        return askable;
    }
}
