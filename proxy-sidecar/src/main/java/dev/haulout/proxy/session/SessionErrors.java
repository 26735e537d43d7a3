package dev.haulout.proxy.session;

import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.SqlError;
import java.util.Optional;
import java.util.Set;

/** The errors by which a session tells its client what became of it; {@code docs/errors.md} lists them. */
final class SessionErrors {
    /** The codes of those after which a session is over. */
    static final Set<Integer> ENDING = Set.of(1927, 1152, 1153);

    private SessionErrors() {}

    /** The session is over, and nothing was in flight. */
    static SqlError ended(String why) {
        return new SqlError(1927, "70100", "Connection was killed: " + why);
    }

    /** It ended while a statement ran: whether that took effect nobody knows, so it is never repeated. */
    static SqlError unknownOutcome(String why) {
        return new SqlError(
                1152,
                "08S01",
                "Aborted connection: " + why + " while a statement ran, and whether that took effect is unknown; look"
                        + " before repeating it");
    }

    /** The server's own words for a command it doesn't know. */
    static SqlError unknownCommand() {
        return new SqlError(1047, "08S01", "Unknown command");
    }

    /** A collation that can't be asked for at a login, which is what a change of the user is made of. */
    static SqlError unknownCollation(int id) {
        return new SqlError(
                1115,
                "42000",
                "Unknown character set: '#" + id + "'; change the user with one up to 255, and SET NAMES afterwards");
    }

    /** The server's own words for a command on a statement that isn't there. */
    static SqlError unknownStatement(long id, int command) {
        String given = switch (command) {
            case Command.STMT_FETCH -> "mysqld_stmt_fetch";
            case Command.STMT_RESET -> "mysqld_stmt_reset";
            case Command.STMT_BULK_EXECUTE -> "mysqld_stmt_bulk_execute";
            default -> "mysqld_stmt_execute";
        };
        return new SqlError(1243, "HY000", "Unknown prepared statement handler (" + id + ") given to " + given);
    }

    /** The server's own words for a fetch from a statement that was not executed, or whose rows have all been read. */
    static SqlError noOpenCursor(int id) {
        return new SqlError(1421, "HY000", "The statement (" + id + ") has no open cursor");
    }

    /** A statement that a fresh connection can't be made to know as the one before did. */
    static SqlError toBePreparedAnew() {
        return new SqlError(1615, "HY000", "Prepared statement needs to be re-prepared");
    }

    /** The server's own words for a KILL of another account's session. */
    static SqlError notOwner(long id) {
        return new SqlError(1095, "HY000", "You are not owner of thread " + id);
    }

    /** The server's own words for a statement that KILL QUERY ended. */
    static SqlError interrupted() {
        return new SqlError(1317, "70100", "Query execution was interrupted");
    }

    /** A user that is to leave sleepers alone met one. */
    static SqlError ignoredUser(String user, String instance) {
        return new SqlError(
                1429,
                "HY000",
                "The database " + instance + " is asleep, and user " + user
                        + " does not wake it (sleep.ignoreUsers); the statement did not run");
    }

    /** A server that was awake can't be reached after all. */
    static SqlError unreachable(String instance, String why) {
        return new SqlError(
                1429,
                "HY000",
                "The database " + instance + " could not be reached: " + why
                        + ". The statement did not run; try again");
    }

    /** A login that needs the server, which was not woken in time. */
    static SqlError notWokenForLogin(String why) {
        return new SqlError(1040, "08004", why);
    }

    static SqlError packetTooLong() {
        return new SqlError(1153, "08S01", "Got a packet bigger than 'max_allowed_packet' bytes");
    }

    static SqlError brokenCompression() {
        return new SqlError(1157, "08S01", "Couldn't uncompress communication packet");
    }

    static SqlError lostDuringLogin(String why) {
        return new SqlError(1040, "08004", "The server went away during the login: " + why);
    }

    /** Who is led to a server is not told where it is. */
    static SqlError noNode() {
        return new SqlError(1043, "08S01", "Connection error");
    }

    static SqlError handshake(String problem) {
        return new SqlError(1043, "08S01", "Bad handshake: " + problem);
    }

    /** An account asks for something of the client's TLS that ours towards the server has not. */
    static SqlError notShownToServer(String user) {
        return new SqlError(
                1045,
                "28000",
                "Access denied for user '" + user
                        + "': the account asks for a cipher, or for a certificate's subject or"
                        + " issuer, that Haulout can't show to the server for its client; REQUIRE X509 or SSL instead");
    }

    /** A password in clear would be read by whoever listens. */
    static SqlError clearPassword(String user) {
        return new SqlError(
                1045,
                "28000",
                "Access denied for user '" + user
                        + "': the server asks for the password in clear, which is sent over TLS"
                        + " or a unix socket only");
    }

    /** Nothing is known yet of whom an instance lets in: its server has never run. */
    static SqlError unlearned(String instance, Optional<String> obstacle) {
        return new SqlError(
                1040,
                "08004",
                "The accounts of the database " + instance + " are known once its server has run for the first time"
                        + obstacle.map(what -> ", and " + what).orElse("; try again in a while"));
    }

    /** An account that can't be verified while asleep, on an instance that doesn't let such logins wake it. */
    static SqlError unverifiable(String user, String plugin, String instance) {
        return new SqlError(
                1045,
                "28000",
                "Access denied for user '" + user + "': the database " + instance
                        + " is asleep and a login by " + plugin
                        + " can't be verified without it (sleep.wakeUnverified is Deny)");
    }
}
