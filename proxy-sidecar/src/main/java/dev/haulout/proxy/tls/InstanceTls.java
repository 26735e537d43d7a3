package dev.haulout.proxy.tls;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The TLS of one instance's doors: a certificate that others may show too, and the instance's own judgement of clients.
 *
 * @param shown the certificate
 * @param authority who vouches for clients' certificates; empty where they are asked for none
 */
public record InstanceTls(DoorTls shown, Supplier<Optional<ClientAuthority>> authority) implements DoorTls {
    @Override
    public Optional<DoorCertificate> present() {
        return shown.present();
    }

    @Override
    public DoorCertificate certificate() throws IOException {
        return shown.certificate();
    }

    @Override
    public Optional<ClientAuthority> clients() {
        return authority.get();
    }

    @Override
    public void refresh() {
        shown.refresh();
    }
}
