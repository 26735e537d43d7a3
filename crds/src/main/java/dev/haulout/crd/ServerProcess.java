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
 * @param directory absolute path of the instance's directory: its data, socket, secrets and log
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServerProcess(
        @JsonPropertyDescription("Absolute path of the `mariadbd` program. Without it, the one found on this host.")
        @Size(max = 1024)
        @Pattern(PATH_PATTERN)
        String server,

        @JsonPropertyDescription(
                "Operating system user to run the server as; only root may name another than itself. Without it: `mysql`"
                        + " where root runs `haulout host` and such a user exists, else the user that runs it.")
        @Size(max = 32)
        @Pattern(OS_USER_PATTERN)
        String user,

        @JsonPropertyDescription("Absolute path of the instance's directory: its data, socket, secrets and log. Created"
                + " when missing. Without it, one below the state directory of `haulout host`.")
        @Size(max = 1024)
        @Pattern(PATH_PATTERN)
        String directory) {

    /** An absolute path below the root directory, without control characters. */
    public static final String PATH_PATTERN = "^(/[^/\\x00-\\x1f\\x7f]+)+/?$";

    /** What an operating system's user may be called. */
    public static final String OS_USER_PATTERN = "^[A-Za-z_][A-Za-z0-9_.-]*$";

    /** A process part that says nothing. */
    public static final ServerProcess DEFAULTS = new ServerProcess(null, null, null);
}
