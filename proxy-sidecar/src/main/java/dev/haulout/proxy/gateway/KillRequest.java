package dev.haulout.proxy.gateway;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.session.KillAnswer;
import dev.haulout.proxy.session.KillOrder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * What a gateway says to another about a KILL, in one line: {@code haulout-kill/1 UID ID QUERY|CONNECTION USER HOST BY},
 * the last three in Base64. The answer is a line, too: {@code CONNECTED} and the server's id, {@code DONE}, {@code DENIED}
 * or {@code UNKNOWN}.
 *
 * @param uid the instance's
 * @param id the session's, as its door gave it
 * @param queryOnly whether only its statement is meant
 * @param user of the killer's account
 * @param host of the killer's account; empty where the account is not known
 * @param by who the killer is, in words
 */
record KillRequest(String uid, long id, boolean queryOnly, String user, String host, String by) {
    private static final String GREETING = "haulout-kill/1";
    private static final String CONNECTED = "CONNECTED ";
    private static final String DONE = "DONE";
    private static final String DENIED = "DENIED";
    private static final String UNKNOWN = "UNKNOWN";

    /** An account's name has 128 characters of up to four bytes, its host 255. */
    private static final int LONGEST = 4096;

    static KillRequest of(String uid, KillOrder order) {
        return new KillRequest(
                uid,
                order.id(),
                order.queryOnly(),
                order.killer().map(Account::user).orElse(""),
                order.killer().map(Account::host).orElse(""),
                order.by());
    }

    /** What is asked for, by one whose accounts are these. */
    KillOrder order(AccountBook book) {
        return new KillOrder(id, queryOnly, book.account(user, host), by);
    }

    String line() {
        return String.join(
                " ",
                GREETING,
                uid,
                Long.toString(id),
                queryOnly ? "QUERY" : "CONNECTION",
                encoded(user),
                encoded(host),
                encoded(by));
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String word) {
        return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
    }

    /** Empty for a line that is none of these. */
    static Optional<KillRequest> parse(String line) {
        String[] words = line.split(" ", -1);
        boolean queryOnly = words.length == 7 && words[3].equals("QUERY");
        if (words.length != 7 || !words[0].equals(GREETING) || !queryOnly && !words[3].equals("CONNECTION")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new KillRequest(
                    words[1],
                    Long.parseLong(words[2]),
                    queryOnly,
                    decoded(words[4]),
                    decoded(words[5]),
                    decoded(words[6])));
        } catch (IllegalArgumentException notEncodedSo) {
            return Optional.empty();
        }
    }

    static String line(KillAnswer answer) {
        return switch (answer) {
            case KillAnswer.Connected connected -> CONNECTED + connected.backendId();
            case KillAnswer.Done done -> DONE;
            case KillAnswer.Denied denied -> DENIED;
            case KillAnswer.Unknown unknown -> UNKNOWN;
        };
    }

    /** @throws IOException for a line that is no answer */
    static KillAnswer answer(String line) throws IOException {
        return switch (line) {
            case DONE -> new KillAnswer.Done();
            case DENIED -> new KillAnswer.Denied();
            case UNKNOWN -> new KillAnswer.Unknown();
            case String other
            when other.matches(CONNECTED + "\\d{1,10}") ->
                new KillAnswer.Connected(Long.parseLong(other.substring(CONNECTED.length())));
            default -> throw new IOException("what it says is no answer: " + line);
        };
    }

    /** @throws IOException where no line ends within the length that one has at most */
    static String read(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < LONGEST) {
            int next = in.read();
            if (next == '\n') {
                return line.toString(StandardCharsets.US_ASCII);
            }
            if (next < 0) {
                throw new IOException("it said nothing, or not all");
            }
            line.write(next);
        }
        throw new IOException("it says more than " + LONGEST + " bytes");
    }
}
