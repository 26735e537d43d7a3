package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/**
 * What only makes sense on a single host. No component is null.
 *
 * @param listen the instance's doors, each as {@link ListenAddress} reads it; empty when none is given
 * @param process how the server is run as a process
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Host(
        @JsonPropertyDescription(
                "Addresses clients connect to: `127.0.0.1:3307`, `[::1]:3307` or" + " `unix:/path/to.sock`.")
        @Size(max = 16)
        List<@Size(max = 128) @Pattern(ListenAddress.PATTERN) String> listen,

        @JsonPropertyDescription("How to run the server as a process of this host.")
        ServerProcess process) {

    /** A host part that says nothing. */
    public static final Host DEFAULTS = new Host(null, null);

    /** Puts empty parts where a component is null. */
    public Host {
        listen = listen == null ? List.of() : List.copyOf(listen);
        process = process == null ? ServerProcess.DEFAULTS : process;
    }
}
