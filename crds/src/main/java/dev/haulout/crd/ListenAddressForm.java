package dev.haulout.crd;

import java.util.regex.Pattern;

/** What {@link ListenAddress#PATTERN} is put together from. */
final class ListenAddressForm {
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final String WORD = "[0-9a-fA-F]{1,4}";

    /** Four numbers of 0 to 255. */
    static final String IPV4 = BYTE + "(\\." + BYTE + "){3}";

    /** Eight words of hexadecimal digits, or fewer around one {@code ::}; no zone and no IPv4 inside. */
    static final String IPV6 =
            "(" + WORD + ":){7}" + WORD + "|(" + WORD + ":){1,7}:|(" + WORD + ":){1,6}:" + WORD + "|("
                    + WORD + ":){1,5}(:" + WORD + "){1,2}|(" + WORD + ":){1,4}(:" + WORD + "){1,3}|(" + WORD
                    + ":){1,3}(:" + WORD
                    + "){1,4}|(" + WORD + ":){1,2}(:" + WORD + "){1,5}|" + WORD + ":(:" + WORD + "){1,6}|:((:" + WORD
                    + "){1,7}|:)";

    /** 1 to 65535. */
    static final String PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

    static final Pattern WHOLE = Pattern.compile(ListenAddress.PATTERN);

    private ListenAddressForm() {}
}
