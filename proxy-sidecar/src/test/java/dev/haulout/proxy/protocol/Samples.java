package dev.haulout.proxy.protocol;

import java.util.HexFormat;

/** Payloads as real programs sent them: a MariaDB 10.11.19 server and its {@code mariadb} client. */
final class Samples {
    static final byte[] GREETING = hex("0a352e352e352d31302e31312e31392d4d6172696144422d302b646562313275310004000000"
            + "3d65654b292a367100fef7080200ff81150000000000001d000000584326336c4b6d66367a2443006d7973716c5f6e6174697665"
            + "5f70617373776f726400");

    /** By {@code mariadb -uapp -psecret shop}. */
    static final byte[] CLI_RESPONSE = hex("8ca2bf000000000121000000000000000000000000000000000000001d0000006170700014"
            + "b7c054d8cbe9a9c59098a9ab282ea5bd745568fe73686f70006d7973716c5f6e61746976655f70617373776f72640068035f6f73"
            + "054c696e75780c5f636c69656e745f6e616d650a6c69626d617269616462045f7069640533323233330f5f636c69656e745f7665"
            + "7273696f6e06332e332e3230095f706c6174666f726d067838365f36340c70726f6772616d5f6e616d65056d7973716c");

    static final byte[] AUTH_SWITCH =
            hex("fe6d7973716c5f6e61746976655f70617373776f726400" + "3d65654b292a3671584326336c4b6d66367a244300");

    /** To a login with a wrong password. */
    static final byte[] ERROR =
            hex("ff15042332383030304163636573732064656e69656420666f722075736572202761707027406c6f" + "63616c686f7374");

    private Samples() {}

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
