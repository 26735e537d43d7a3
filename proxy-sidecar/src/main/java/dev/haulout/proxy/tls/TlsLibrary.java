package dev.haulout.proxy.tls;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslProvider;

/** Who does the arithmetic of TLS. */
public final class TlsLibrary {
    /** The versions that are spoken. */
    public static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

    private TlsLibrary() {}

    /** BoringSSL where Netty has it for this machine, which is twice as fast; Java's own TLS elsewhere. */
    public static SslProvider provider() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    }
}
