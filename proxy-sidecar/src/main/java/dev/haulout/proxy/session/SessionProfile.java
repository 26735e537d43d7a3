package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.DatabaseUse;
import dev.haulout.proxy.account.Refusal;
import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.ServerStatus;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.sql.Answer;
import dev.haulout.proxy.sql.AsleepAnswer;
import dev.haulout.proxy.sql.SessionView;
import dev.haulout.proxy.sql.Statement;
import dev.haulout.proxy.wake.Instance;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a logged-in session: who it is, what its statements made of it, what it takes to make a fresh backend
 * connection the same, and what no fresh connection can have. It answers for the server where the answer is certain.
 */
final class SessionProfile {
    /** What a held session does with a command. */
    sealed interface Reply {
        /**
         * The server's own answer, given without it.
         *
         * @param payloads the packets, without headers
         * @param keepAlive whether the command was one
         */
        record Packets(List<byte[]> payloads, boolean keepAlive) implements Reply {}

        /** The server's own error, given without it. */
        record Refused(SqlError error) implements Reply {}

        /** Only the server can answer. */
        record NeedsServer() implements Reply {}
    }

    private static final byte[] SERVERS_CHARSETS =
            ("SET character_set_client = DEFAULT, collation_connection = DEFAULT,"
                            + " character_set_results = DEFAULT, collation_database = @@GLOBAL.collation_database")
                    .getBytes(StandardCharsets.US_ASCII);

    /** Told only where it is not that of the current database. */
    private static final String DATABASES_COLLATION = "collation_database";

    private static final Duration USUAL_WAIT_TIMEOUT = Duration.ofHours(8);

    private final Instance instance;
    private final ClientAddress address;
    private final HandshakeResponse response;
    private final Journal journal = new Journal();

    private Account account;
    private Optional<String> role = Optional.empty();
    private String database;
    private SessionView view;
    private final PreparedStatements prepared = new PreparedStatements();
    private boolean databaseDoubtful;
    private boolean severalAtOnce;
    private long capabilities;

    /** As the session told about itself last; null when it has not, or was reset since. */
    private SessionView told;

    /** What began the transaction in which nothing has been said yet; null where there is no such. */
    private byte[] begun;

    /** @param response what client and door agreed on */
    SessionProfile(Instance instance, ClientAddress address, HandshakeResponse response) {
        this.instance = instance;
        this.address = address;
        this.response = response;
        this.database = response.database();
        this.capabilities = response.capabilities();
        this.severalAtOnce = Capability.has(capabilities, Capability.MULTI_STATEMENTS);
    }

    /** Those agreed with the client, as COM_SET_OPTION has changed them since: a new login says them. */
    long capabilities() {
        return capabilities;
    }

    /** What the client has prepared. */
    PreparedStatements prepared() {
        return prepared;
    }

    /** The current database, empty for none. */
    String database() {
        return database;
    }

    /** What must be said to a fresh backend connection, in order. */
    List<Journal.Entry> statements() {
        return journal.entries();
    }

    // ------------------------------------------------------------ while held

    /**
     * The login was verified without the server.
     *
     * @return the OK packet's payload, empty where only the server can say it
     */
    Optional<byte[]> loginOk(Account verified, Optional<String> defaultRole, String currentDatabase) {
        account = verified;
        role = defaultRole;
        database = currentDatabase;
        view = fresh();
        return AsleepAnswer.loginOk(view) instanceof Answer.Packets packets
                ? Optional.of(packets.payloads().getFirst())
                : Optional.empty();
    }

    /** Whether a transaction was begun while held. */
    boolean inTransaction() {
        return view != null && view.inTransaction();
    }

    /** Answers without the server where the answer is certain. */
    Reply reply(RunningCommand command) {
        if (view == null) {
            return new Reply.NeedsServer();
        }
        takeGlobals();
        boolean keepAlive = command.keepAlive(view.inTransaction());
        Statement statement = command.statement();
        if (told != null
                && told.changed().containsKey(DATABASES_COLLATION)
                && (command.command() == Command.INIT_DB || statement instanceof Statement.Use)) {
            return new Reply.NeedsServer(); // which gives it another, where a rebuilt session would get the present one
        }
        Answer answer;
        switch (command.command()) {
            case Command.PING, Command.STMT_RESET -> answer = AsleepAnswer.ping(view);
            case Command.INIT_DB -> {
                Optional<SqlError> refusal = refusal(new String(command.body(), StandardCharsets.UTF_8));
                if (refusal.isPresent()) {
                    return new Reply.Refused(refusal.get());
                }
                answer = AsleepAnswer.initDb(view, command.body(), this::mayUse);
            }
            case Command.QUERY -> {
                if (statement instanceof Statement.Use use) {
                    Optional<SqlError> refusal = refusal(use.database());
                    if (refusal.isPresent()) {
                        return new Reply.Refused(refusal.get());
                    }
                }
                if (changesReading(command)) {
                    return new Reply.NeedsServer(); // statements must be prepared again before it, not after
                }
                answer = AsleepAnswer.query(view, statement, this::mayUse);
            }
            case Command.RESET_CONNECTION -> {
                if (journal.mayHoldRole()) {
                    return new Reply.NeedsServer(); // a reset keeps the role, and a fresh connection has none
                }
                answer = AsleepAnswer.resetConnection(view);
            }
            default -> {
                return new Reply.NeedsServer();
            }
        }
        if (!(answer instanceof Answer.Packets packets)) {
            return new Reply.NeedsServer();
        }
        promise(command, packets);
        view = packets.newView();
        database = view.database() == null ? "" : view.database();
        return new Reply.Packets(packets.payloads(), keepAlive);
    }

    /** The OK packet that the server would give now to a statement that changes nothing; empty where that isn't certain. */
    Optional<byte[]> ok() {
        return view != null && AsleepAnswer.ping(view) instanceof Answer.Packets packets
                ? Optional.of(packets.payloads().getFirst())
                : Optional.empty();
    }

    /** Globals may have been learnt anew since the session was held. */
    private void takeGlobals() {
        Map<String, String> globals = instance.learned().identity().globals();
        if (view.globals() != globals) {
            view = new SessionView(
                    view.capabilities(),
                    view.handshakeCollation(),
                    view.resultsCollation(),
                    view.database(),
                    view.inTransaction(),
                    view.changed(),
                    globals);
        }
    }

    private void promise(RunningCommand command, Answer.Packets packets) {
        noteBegin(command);
        if (command.command() == Command.RESET_CONNECTION) {
            journal.clear();
            prepared.clear();
            told = null;
            return;
        }
        switch (command.statement()) {
            case null -> {}
            case Statement.Commit commit -> journal.forgetBegin();
            case Statement.Rollback rollback -> journal.forgetBegin();
            case Statement.Begin begin -> journal.promiseBegin(command.body());
            case Statement.Use use -> {} // the next login names the database
            case Statement.SetVariables set -> journal.promise(command.body(), set);
            case Statement.Select select -> {}
            case Statement.Do dummy -> {}
            case Statement.Other other -> {}
        }
    }

    private boolean mayUse(String name) {
        return account != null && use(name) instanceof DatabaseUse.Allowed;
    }

    private DatabaseUse use(String name) {
        return instance.learned().accounts().mayUse(account, address.host(), role, name);
    }

    /** The error that the server is certain to give to a change to that database. */
    private Optional<SqlError> refusal(String name) {
        if (account == null || journal.mayHoldRole()) {
            return Optional.empty();
        }
        return switch (use(name)) {
            case DatabaseUse.NoSuchDatabase none -> Optional.of(error(none.refusal()));
            case DatabaseUse.AccessDenied denied -> Optional.of(error(denied.refusal()));
            case DatabaseUse.Allowed allowed -> Optional.empty();
            case DatabaseUse.Unknown unknown -> Optional.empty();
        };
    }

    static SqlError error(Refusal refusal) {
        return new SqlError(refusal.code(), refusal.sqlState(), refusal.message());
    }

    /** How long the client may say nothing while held: its own wait_timeout, the server's usual one where unknown. */
    Duration idleLimit() {
        String seconds = view == null ? null : view.variable("wait_timeout");
        return seconds == null ? USUAL_WAIT_TIMEOUT : Duration.ofSeconds(Long.parseLong(seconds));
    }

    // ------------------------------------------------------------ while attached

    /** The server has heard all of {@link #statements}. */
    void rebuilt() {
        journal.kept();
    }

    /** The server refused a statement that the client had been told OK for. */
    void forget(Journal.Entry entry) {
        journal.drop(entry);
    }

    /** The server answered a command; {@code failed} when with an error. */
    void ran(RunningCommand command, boolean failed) {
        noteBegin(command);
        if (failed) {
            begun = null;
        }
        switch (command.command()) {
            case Command.QUERY -> ranQuery(command, failed);
            case Command.INIT_DB -> {
                if (!failed) {
                    database = new String(command.body(), StandardCharsets.UTF_8);
                    databaseDoubtful = false;
                }
            }
            case Command.STMT_EXECUTE, Command.STMT_BULK_EXECUTE -> {
                if (command.statement() == null) {
                    journal.becameOpaque();
                } else {
                    ranQuery(command, failed);
                }
            }
            case Command.SET_OPTION -> {
                if (!failed && command.body().length < 2) {
                    severalAtOnce = true; // the server takes what it finds in the place of the option
                    journal.becameOpaque();
                } else if (!failed) {
                    boolean several = command.body()[0] == Command.MULTI_STATEMENTS_ON;
                    capabilities = several
                            ? capabilities | Capability.MULTI_STATEMENTS
                            : capabilities & ~Capability.MULTI_STATEMENTS;
                    severalAtOnce |= several;
                }
            }
            case Command.RESET_CONNECTION -> {
                if (!failed) {
                    reset();
                }
            }
            default -> {}
        }
    }

    /** Whether the command may change how the server reads texts, which prepared statements must not notice. */
    boolean changesReading(RunningCommand command) {
        return command.command() != Command.STMT_PREPARE
                && !prepared.isEmpty()
                && ParseContext.mayChange(command, severalAtOnce);
    }

    /** The current database where that is certain; the empty string for none. */
    Optional<String> certainDatabase() {
        return databaseDoubtful ? Optional.empty() : Optional.of(database);
    }

    private void noteBegin(RunningCommand command) {
        if (command.statement() instanceof Statement.Begin) {
            begun = command.body();
        } else if (command.command() != Command.PING) {
            begun = null;
        }
    }

    private void ranQuery(RunningCommand command, boolean failed) {
        if (changesReading(command)) {
            prepared.contextChanged();
        }
        databaseDoubtful |= ParseContext.mayChangeDatabase(command, severalAtOnce);
        if (failed) {
            // what a statement did to the session before it failed shows in no text
            if (!(command.statement() instanceof Statement.Other other && other.neutral())) {
                journal.becameOpaque();
            }
        } else if (command.statement() instanceof Statement.Use use) {
            database = use.database();
            databaseDoubtful = false;
        } else {
            journal.ran(command.body(), command.statement());
        }
    }

    /** All that statements made of the session is over; who it is and its database stay. */
    void startOver() {
        journal.clear();
        prepared.clear();
        told = null;
        begun = null;
    }

    /** The change to another user was refused, which leaves a session with the server's own character sets. */
    void changeRefused() {
        journal.promise(SERVERS_CHARSETS, Statement.read(SERVERS_CHARSETS));
    }

    private void reset() {
        prepared.clear();
        boolean mayHoldRole = journal.mayHoldRole();
        journal.clear();
        told = null;
        if (mayHoldRole) {
            journal.becameOpaque(); // a reset keeps the role
        }
    }

    // ------------------------------------------------------------ on the way from one backend connection to the next

    /** What of the session the proxy can see that no other connection can have, in words; empty if nothing. */
    String heldByConnection(int serverStatus) {
        if ((serverStatus & ServerStatus.IN_TRANSACTION) != 0) {
            return "an open transaction";
        }
        return prepared.pinned(database);
    }

    /**
     * What is lost when the connection is lost without having been asked, in words; empty if nothing. A transaction in
     * which nothing has been said yet can be begun again.
     */
    String lostUnasked(int serverStatus) {
        String held = heldByConnection(begun == null ? serverStatus : serverStatus & ~ServerStatus.IN_TRANSACTION);
        if (held.isEmpty() && (journal.isOpaque() || !journal.pins().isEmpty())) {
            return "state that only it knew";
        }
        return held;
    }

    /** Asks the session about itself; see {@link Questions#ask}. */
    Journal journal() {
        return journal;
    }

    /** The session told all about itself: from now on it is held. */
    void carried(Questions.Answer.Carried answer, Optional<Account> known) {
        account = known.orElse(null);
        told(new Notice.Known(answer.database(), answer.statements(), answer.variables()));
        view = told;
    }

    /** The session told all about itself. */
    void told(Notice.Known known) {
        database = known.database();
        databaseDoubtful = false;
        journal.replaceWith(known.statements());
        told = view(known.variables());
    }

    private SessionView view(Map<String, String> variables) {
        return new SessionView(
                response.capabilities(),
                response.collation(),
                -1,
                database.isEmpty() ? null : database,
                false,
                variables,
                instance.learned().identity().globals());
    }

    /** The connection was lost, and nothing with it that the journal doesn't know: from now on it is held. */
    void lost(Optional<Account> known) {
        account = known.orElse(null);
        if (begun != null) {
            journal.promiseBegin(begun);
        }
        view = told == null ? fresh() : view(told.changed());
        for (Journal.Entry entry : journal.entries()) {
            if (entry.told()) {
                continue;
            }
            Answer answer = AsleepAnswer.query(view, Statement.read(entry.sql()), name -> true);
            if (!(answer instanceof Answer.Packets packets)) {
                view = null; // not known well enough to answer by; the next command wakes
                return;
            }
            view = packets.newView();
        }
    }

    private SessionView fresh() {
        return SessionView.fresh(
                response.capabilities(),
                response.collation(),
                database.isEmpty() ? null : database,
                instance.learned().identity().globals());
    }
}
