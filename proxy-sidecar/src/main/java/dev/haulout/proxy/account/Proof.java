package dev.haulout.proxy.account;

import java.util.Arrays;

/** A client's answer to the plugin it was asked for. Prints no secrets. */
public sealed interface Proof {

    /**
     * The answer to a scramble or nonce.
     *
     * @param challenge what the client was sent: 20 bytes for {@link ClientPlugin#NATIVE_PASSWORD}, 32 for
     *     {@link ClientPlugin#ED25519}
     * @param response what it answered
     */
    record Response(Secret challenge, Secret response) implements Proof {}

    /**
     * A password in clear ({@code mysql_clear_password}), which fits any plugin. To be asked for only over TLS or a unix
     * socket.
     *
     * @param password without the NUL that ends it in packets
     */
    record ClearPassword(Secret password) implements Proof {
        /** From what a packet has of it, with the NUL or without. */
        public static ClearPassword of(byte[] sent) {
            boolean ends = sent.length > 0 && sent[sent.length - 1] == 0;
            return new ClearPassword(Secret.of(ends ? Arrays.copyOf(sent, sent.length - 1) : sent));
        }
    }
}
