package dev.haulout.proxy.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.haulout.proxy.protocol.Wire;
import dev.haulout.proxy.wake.ServerIdentity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a gateway tells a sidecar between two answers, beside the protocol: a packet of JSON with sequence number 0. A
 * component that is not told is null; what a reader does not know it passes over.
 *
 * @param server what the gateway knows of the server
 * @param session all that makes the session, as the server itself told
 * @param leaving whether the gateway gives the session up: it has run no command that it has not answered, and will run
 *     none
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
record Notice(ServerIdentity server, Known session, boolean leaving) {
    /** The gateway gives the session up. */
    static final Notice LEAVING = new Notice(null, null, true);

    /** What is longer is left untold: of a session that may be a great many variables. */
    private static final int LONGEST = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /**
     * A session, see {@link Questions.Answer.Carried}.
     *
     * @param database the current one, empty for none
     * @param statements what makes a fresh connection this session
     * @param variables system variables that differ from the globals
     */
    record Known(String database, List<byte[]> statements, Map<String, String> variables) {}

    static Notice of(ServerIdentity server) {
        return new Notice(server, null, false);
    }

    static Notice of(Questions.Answer.Carried told) {
        return new Notice(null, new Known(told.database(), told.statements(), told.variables()), false);
    }

    /**
     * Reads a packet's payload.
     *
     * @throws IOException when it is no notice
     */
    static Notice read(byte[] payload) throws IOException {
        return JSON.readValue(payload, Notice.class);
    }

    /** The packet; empty when it would be too long. */
    Optional<ByteBuf> frame(ByteBufAllocator alloc) {
        try {
            byte[] payload = JSON.writeValueAsBytes(this);
            return payload.length > LONGEST ? Optional.empty() : Optional.of(Wire.frame(alloc, 0, payload));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a notice is made of texts and numbers", e);
        }
    }
}
