package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;

/**
 * How to run a server as a process of this host. Every component may be null: the host placement then decides.
 *
 * @param server path of the {@code mariadbd} program
 * @param user the operating system's user to run it as
 * @param dataDirectory absolute path of the data directory
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServerProcess(
        @JsonPropertyDescription("Absolute path of the `mariadbd` program. Without it, the one found on this host.")
        @Size(max = 1024)
        @Pattern(PATH_PATTERN)
        String server,

        @JsonPropertyDescription(
                "Operating system user to run the server as. Without it, the user `haulout host` runs" + " as.")
        @Size(max = 32)
        @Pattern(OS_USER_PATTERN)
        String user,

        @JsonPropertyDescription("Absolute path of the data directory, created when missing. Without it, one below"
                + " the state directory of `haulout host`.")
        @Size(max = 1024)
        @Pattern(PATH_PATTERN)
        String dataDirectory) {

    /** An absolute path below the root directory, without control characters. */
    public static final String PATH_PATTERN = "^(/[^/\\x00-\\x1f\\x7f]+)+/?$";

    /** What an operating system's user may be called. */
    public static final String OS_USER_PATTERN = "^[A-Za-z_][A-Za-z0-9_.-]*$";

    /** A process part that says nothing. */
    public static final ServerProcess DEFAULTS = new ServerProcess(null, null, null);
}
