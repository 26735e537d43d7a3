package dev.haulout.proxy.tls;

import java.io.IOException;
import java.util.Optional;

/** The certificate that doors show. It may change; those who came before keep what they saw. Safe for any thread. */
public interface DoorTls {
    /** What is shown now, where that is at hand. */
    Optional<DoorCertificate> present();

    /**
     * What is shown now; makes it where it isn't at hand. Blocks.
     *
     * @throws IOException when there is none; the message says why
     */
    DoorCertificate certificate() throws IOException;

    /** Who vouches for clients' certificates; empty where they are asked for none. */
    default Optional<ClientAuthority> clients() {
        return Optional.empty();
    }

    /** Looks whether it is time for another one; keeps what it has where there is none to be had. Blocks. */
    void refresh();
}
