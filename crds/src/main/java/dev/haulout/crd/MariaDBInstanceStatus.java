package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import java.util.Map;

/**
 * How a {@link MariaDBInstance} is, and the wire between the operator and the gateways. The gateways write
 * {@code demand} and their own entry of {@code gateways}; all else is the operator's. Every component may be null.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MariaDBInstanceStatus(
        @JsonPropertyDescription("The generation of the spec that this status is about.")
        Long observedGeneration,

        @JsonPropertyDescription("Where it is between asleep and awake, in a word.")
        Phase phase,

        @JsonPropertyDescription("Why it is awake: whose session or what else, and since when; empty while asleep.")
        String awakeBecause,

        @JsonPropertyDescription("1 while a server runs, else 0.") @StatusReplicas
        Integer replicas,

        @JsonPropertyDescription("Selects the server's pod.") @LabelSelector
        String selector,

        @JsonPropertyDescription("What holds of it: Ready, Asleep, Progressing, Degraded.")
        List<Condition> conditions,

        @JsonPropertyDescription("Where clients connect to.")
        Door door,

        @JsonPropertyDescription("The last wish that it be awake; a gateway's.")
        Demand demand,

        @JsonPropertyDescription("Id of the last demand that was met, or failed.")
        String served,

        @JsonPropertyDescription("The last attempt to put it to sleep.")
        Drain drain,

        @JsonPropertyDescription("What each gateway says of it, by the name of the gateway's pod.")
        Map<String, GatewayReport> gateways,

        @JsonPropertyDescription("The server's pod.") ServerPod pod,

        @JsonPropertyDescription("The last wake.") LastWake lastWake,

        @JsonPropertyDescription("When it last fell asleep or woke, in RFC 3339.")
        String since,

        @JsonPropertyDescription(
                "When a client last used it, in RFC 3339: as known when it last woke for one, or fell" + " asleep.")
        String lastActivity,

        @JsonPropertyDescription(
                "The EVENT that the server's scheduler is to run next, as known when it last fell asleep;"
                        + " it is woken for that.")
        NextEvent nextEvent,

        @JsonPropertyDescription("What the server calls itself.")
        String serverVersion,

        @JsonPropertyDescription("Whether the data directory was ever made.")
        Boolean initialised) {

    /** That of an instance of which nothing is known yet. */
    public static final MariaDBInstanceStatus EMPTY = new MariaDBInstanceStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    /** Reason of the condition Progressing while as many servers are starting as may, and others come first. */
    public static final String IN_LINE = "InLine";

    /** Where an instance is between asleep and awake. */
    public enum Phase {
        /** Something it needs is not there yet. */
        @JsonProperty("Pending")
        PENDING,
        /** Its data directory is being made. */
        @JsonProperty("Initialising")
        INITIALISING,
        /** No server runs; a client wakes it. */
        @JsonProperty("Asleep")
        ASLEEP,
        /** A server is being started. */
        @JsonProperty("Waking")
        WAKING,
        /** A server runs. */
        @JsonProperty("Awake")
        AWAKE,
        /** The server is being stopped, or sessions are being asked whether it may be. */
        @JsonProperty("FallingAsleep")
        FALLING_ASLEEP,
        /** No server runs, and no client wakes it. */
        @JsonProperty("Suspended")
        SUSPENDED,
        /** The server does not come up. */
        @JsonProperty("Failed")
        FAILED
    }

    /**
     * Where clients connect to.
     *
     * @param host name of the Service
     * @param port the port of this instance on every gateway
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Door(
            @JsonPropertyDescription("Host name of the instance's Service.")
            String host,

            @JsonPropertyDescription("The instance's own port on every gateway.")
            Integer port) {}

    /**
     * A wish that an instance be awake, open while {@link MariaDBInstanceStatus#served} is another.
     *
     * @param id tells it from any other
     * @param why in words
     * @param by the gateway
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Demand(
            @JsonPropertyDescription("Tells this demand from any other.")
            String id,

            @JsonPropertyDescription("What it is for.") String why,

            @JsonPropertyDescription("The gateway that made it.")
            String by) {}

    /**
     * An attempt to put an instance to sleep.
     *
     * @param epoch which attempt; only ever grows
     * @param state how far it is
     * @param evenIfUsed true when it is not for lack of use; else null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Drain(
            @JsonPropertyDescription("Which attempt this is.")
            Long epoch,

            @JsonPropertyDescription("How far it is.") State state,

            @JsonPropertyDescription("Whether sessions are to be held though they use the server: it is to be started"
                    + " again, or suspended.")
            Boolean evenIfUsed) {

        /** One for lack of use, or one that is no longer only asked for. */
        public Drain(Long epoch, State state) {
            this(epoch, state, null);
        }

        /** How far an attempt is. */
        public enum State {
            /** The gateways are to hold their sessions. */
            @JsonProperty("Requested")
            REQUESTED,
            /** Somebody needs the server: the gateways go on. */
            @JsonProperty("Cancelled")
            CANCELLED,
            /** Every gateway holds, and the server is being shut down. There is no way back. */
            @JsonProperty("Stopping")
            STOPPING,
            /** The server is gone. */
            @JsonProperty("Done")
            DONE
        }
    }

    /**
     * What one gateway says.
     *
     * @param proposes the epoch it proposes, as nobody needs the server here
     * @param epoch the attempt it answers
     * @param held whether it holds all sessions, with nothing in flight
     * @param idleSeconds how long ago a client of this gateway last used the server, when all was held; null where none
     *     has since the gateway began
     * @param busy who or what speaks against it
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record GatewayReport(
            @JsonPropertyDescription("The attempt to put it to sleep that this gateway proposes.")
            Long proposes,

            @JsonPropertyDescription("The attempt this gateway answers.")
            Long epoch,

            @JsonPropertyDescription("Whether it holds every session, with nothing in flight.")
            Boolean held,

            @JsonPropertyDescription("How long ago a client of this gateway last used the server, when all was held.")
            Long idleSeconds,

            @JsonPropertyDescription("Who or what needs the server, and since when.")
            String busy) {

        /** That of a gateway that says nothing. */
        public static final GatewayReport NONE = new GatewayReport(null, null, null, null, null);
    }

    /**
     * An EVENT that the server's scheduler is to run.
     *
     * @param name of its database and its own, with a dot between
     * @param at when it is due
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record NextEvent(
            @JsonPropertyDescription("Its database and name, with a dot between.")
            String name,

            @JsonPropertyDescription("When it is due, in RFC 3339.")
            String at) {}

    /**
     * The server's pod.
     *
     * @param name its name
     * @param uid its uid
     * @param ip its address
     * @param trusts the gateways whose word on a client's address the server takes
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ServerPod(
            @JsonPropertyDescription("Its name.") String name,
            @JsonPropertyDescription("Its uid.") String uid,
            @JsonPropertyDescription("Its address.") String ip,

            @JsonPropertyDescription("The gateways that may tell the server a client's address.")
            List<String> trusts) {}

    /**
     * The last wake.
     *
     * @param demand what it was for
     * @param why in words
     * @param at when it began, in RFC 3339
     * @param outcome how it ended
     * @param message why it failed, or null
     * @param milliseconds how long it took in all
     * @param phases how long each part took, in milliseconds
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record LastWake(
            @JsonPropertyDescription("Id of the demand.") String demand,
            @JsonPropertyDescription("What it was for.") String why,

            @JsonPropertyDescription("When it began, in RFC 3339.")
            String at,

            @JsonPropertyDescription("How it ended.") Outcome outcome,
            @JsonPropertyDescription("Why it failed.") String message,

            @JsonPropertyDescription("How long it took, in milliseconds.")
            Long milliseconds,

            @JsonPropertyDescription("How long each part took, in milliseconds.")
            Map<String, Long> phases) {

        /** How a wake ended. */
        public enum Outcome {
            /** The server answers queries. */
            @JsonProperty("Ok")
            OK,
            /** It does not. */
            @JsonProperty("Failed")
            FAILED
        }
    }
}
