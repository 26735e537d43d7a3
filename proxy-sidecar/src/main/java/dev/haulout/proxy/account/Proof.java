package dev.haulout.proxy.account;

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
    record ClearPassword(Secret password) implements Proof {}
}
