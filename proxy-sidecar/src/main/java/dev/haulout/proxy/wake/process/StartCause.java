package dev.haulout.proxy.wake.process;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads from what a server wrote why it did not start, and says it in one line with the remedy. */
final class StartCause {
    private static final Pattern ERROR = Pattern.compile("\\[ERROR\\]|^ERROR: |^setsid: |^cp: ");
    private static final Pattern PREFIX = Pattern.compile(
            "^(\\d{4}-\\d\\d-\\d\\d +\\d+:\\d\\d:\\d\\d \\S+ )?(\\[ERROR\\] |ERROR: )?(\\S*mariadbd: )?");
    private static final Pattern UNKNOWN = Pattern.compile("unknown (?:variable|option) '(?:--)?([^']*)'");
    private static final String DISK_FULL =
            "the disk is full: free some space where the data directory is, or enlarge it";
    private static final int LONGEST = 300;

    private StartCause() {}

    /**
     * The cause in one line.
     *
     * @param lines what the server wrote during this start
     * @param ending how its process ended, used when it wrote nothing that tells
     */
    static String of(List<String> lines, String ending, ServerBinary binary, ServerUser user) {
        return worded(lines, binary, user)
                .or(() -> errors(lines).stream().findFirst().map(error -> error + " (" + ending + ")"))
                .orElseGet(() -> ending
                        + (ending.contains("signal 9")
                                ? ": was it the kernel, out of memory? dmesg tells"
                                : lines.isEmpty() ? " and wrote nothing" : ": " + shortened(lines.getLast())));
    }

    /** The cause when it was not the server that failed but our own preparation. */
    static String of(IOException e) {
        String message = String.valueOf(e.getMessage());
        if (e instanceof AccessDeniedException) {
            return "permission denied on " + message + ": give it to the user that the proxy runs as";
        }
        if (e instanceof NoSuchFileException) {
            return message + " does not exist";
        }
        return has(message, "No space left on device") ? message + ": " + DISK_FULL : message;
    }

    /** The cause when it is one of those we know a remedy for. */
    static Optional<String> worded(List<String> lines, ServerBinary binary, ServerUser user) {
        List<String> errors = errors(lines);
        String all = String.join("\n", errors);
        if (has(all, "Unable to lock|Can't lock aria control file|could not get an exclusive lock")) {
            return Optional.of("another mariadbd already uses this data directory: stop it (fuser -v on the file"
                    + " ibdata1 tells which it is)");
        }
        if (has(all, "No space left on device|Errcode: 28|error(:| number)? 28\\b|[Dd]isk( is)? full|Errcode: 122")) {
            return Optional.of(DISK_FULL);
        }
        Matcher unknown = UNKNOWN.matcher(all);
        if (unknown.find()) {
            return Optional.of("the option \"" + unknown.group(1) + "\" in myCnf is not known to MariaDB "
                    + binary.version().series() + ": remove or correct it");
        }
        Optional<String> denied =
                first(errors, "Permission denied|Errcode: 13|error(:| number)? 13\\b|must be writable");
        if (denied.isPresent()) {
            return denied.map(line -> "user " + user.name() + " lacks a permission: " + line
                    + "; give it the data directory and the right to pass through every folder above it");
        }
        if (has(all, "Cannot allocate memory|Out of memory|errno:? 12\\b")) {
            return Optional.of(
                    "not enough memory for its buffers: lower innodb-buffer-pool-size in myCnf or free some");
        }
        if (has(
                all,
                "Unsupported redo log format|Upgrade after a crash is not supported|was created with.*later|Invalid flags")) {
            return Optional.of("its data was last used by another series of MariaDB than "
                    + binary.version().series() + " and not shut down cleanly there: start it once with that series");
        }
        return first(
                        errors,
                        "[Cc]orrupt|checksum mismatch|Missing FILE_CHECKPOINT|page .* log sequence number .* is in the future")
                .map(line -> "its data is damaged: " + line + "; restore a backup, or see innodb-force-recovery");
    }

    private static List<String> errors(List<String> lines) {
        return lines.stream()
                .filter(line -> ERROR.matcher(line).find())
                .map(StartCause::shortened)
                .filter(line -> !line.equals("Aborting"))
                .toList();
    }

    private static boolean has(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).find();
    }

    private static Optional<String> first(List<String> errors, String pattern) {
        return errors.stream().filter(line -> has(line, pattern)).findFirst();
    }

    private static String shortened(String line) {
        String bare = PREFIX.matcher(line).replaceFirst("").strip();
        return bare.length() <= LONGEST ? bare : bare.substring(0, LONGEST) + "...";
    }
}
