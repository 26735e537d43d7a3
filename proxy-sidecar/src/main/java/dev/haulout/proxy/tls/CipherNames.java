package dev.haulout.proxy.tls;

import java.util.regex.Pattern;

/** What OpenSSL, and so the server, calls a cipher suite: {@code ECDHE-RSA-AES256-GCM-SHA384}. */
final class CipherNames {
    private static final Pattern AES = Pattern.compile("AES_(128|256)");

    private CipherNames() {}

    /** @param standard the name that the standards, and Java, have for it: {@code TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384} */
    static String openSsl(String standard) {
        int with = standard.indexOf("_WITH_");
        if (with < 0) {
            return standard; // those of TLS 1.3 have no other name
        }
        String exchange = standard.substring("TLS_".length(), with);
        String cipher =
                AES.matcher(standard.substring(with + "_WITH_".length())).replaceFirst("AES$1");
        if (cipher.startsWith("CHACHA20_POLY1305")) {
            cipher = "CHACHA20_POLY1305";
        }
        String name = (exchange.equals("RSA") ? "" : exchange + "_") + cipher.replace("_CBC_", "_");
        return name.replace('_', '-');
    }
}
