package dev.haulout.proxy.lua.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.lua.Script;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Section 10: sodium. The constants were made by libsodium 1.0.18. */
class SodiumLibraryTest {
    private static final String BOX_PUBLIC = "4701d08488451f545a409fb58ae3e58581ca40ac3f7f114698cd71deac73ca01";
    private static final String BOX_SECRET = "3d94eea49c580aef816935762be049559d6d1440dede12e6a125f1841fff8e6f";
    private static final String SIGN_PUBLIC = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
    private static final String SIGN_SECRET =
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" + SIGN_PUBLIC;
    private static final String SIGNATURE_OF_HELLO_WORLD =
            "c9e88a06c88855aa75f90bcfdc5a87b76a99c0d2044114b8931e72089e7b8c7a"
                    + "c6b4a9776b57326f2d781aa8da8821fe6b4c7296fde0b63ca24d7f6343ac6a0a";
    private static final String SEALED_HELLO_WORLD =
            "72efd22a4402b72adc63a459574543b1fc14bc3e5ebab6a60affbcad913c19383fbe8ad3d7b85c84c25eca53c6a0c23f837d49c878530f69960d58";
    private static final String SEALED_300_BYTES =
            "2fbbd07de80c44e90b0092bf33a9e2912aa318601bec522d25c13253012fa7566fe18857b42edbaefefa7c34fc8be331a2d2d0c08376cd0fdcf0f1a76e8f6e29002f487bbb5c7b31c90f0b3dc509526754c8fd6c8baef72bff910f86bf06f2f4d1168dd9e2a7cad821cdce57d33da1ab2f9059d00433b4256c8a17c3eb2c313995d9ef3ec02fb45a2fa09b7478d86a3b114f9964bfb4bf65f2c772d4afb76b0fc00b54c2abe6b4b7d35056d460b0276361fefa4a13d00134609784ab2dcbaca92864895d28e8f4b3530eb9669304ebc874e8bc234f27f1ee2902eedf52c0b891482da889ba7b458d1c2f2f6963f6e4fe964f0a3f8a0823e487c60d9f4285b2382c04879184c1043cf134424d42115dce4d50f79f85af5410ebeaf6ee8799014e240a3c46dc61caa02a5fe97b5d62d304271672310bb05d395ae6734c70cc858eee485dd203cfaeb69e2dd638e194b4e55c30eb447930bbf53306fcdd";

    private final Script script = new WithLibraries().script;

    @BeforeEach
    void keys() throws Exception {
        script.run("x = sodium.hex2bin pk, sk = x'" + BOX_PUBLIC + "', x'" + BOX_SECRET + "' spk, ssk = x'"
                + SIGN_PUBLIC + "', x'" + SIGN_SECRET + "'");
    }

    @AfterEach
    void close() {
        script.close();
    }

    @Test
    void hexGoesBothWaysAndBadHexIsNil() throws Exception {
        assertThat(
                        script.value(
                                "sodium.bin2hex('A\\0\\255'), #sodium.hex2bin('DEADbeef'), sodium.hex2bin('xy'), sodium.hex2bin('abc')"))
                .isEqualTo("4100ff 4 nil nil");
    }

    @Test
    void boxesThatLibsodiumSealedAreOpened() throws Exception {
        assertThat(script.value("sodium.crypto_box_seal_open(x'" + SEALED_HELLO_WORLD + "', pk, sk)"))
                .isEqualTo("hello world");
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            expected.append(HexFormat.of().toHexDigits((byte) i));
        }
        assertThat(script.value("sodium.bin2hex(sodium.crypto_box_seal_open(x'" + SEALED_300_BYTES + "', pk, sk))"))
                .isEqualTo(expected.toString());
    }

    @Test
    void sealedBoxesOpenForTheirKeyOnly() throws Exception {
        script.run("pk2, sk2 = sodium.crypto_box_keypair() box = sodium.crypto_box_seal(('x'):rep(1000), pk2)");

        assertThat(script.value("#box, sodium.crypto_box_seal_open(box, pk2, sk2) == ('x'):rep(1000),"
                        + " select('#', sodium.crypto_box_seal_open(box, pk, sk)),"
                        + " select('#', sodium.crypto_box_seal_open(box:sub(1, -2) .. '?', pk2, sk2)),"
                        + " sodium.crypto_scalarmult_base(sk2) == pk2, sodium.crypto_scalarmult_base(sk) == pk"))
                .isEqualTo("1048 true 0 0 true true");
    }

    @Test
    void signaturesAreLibsodiums() throws Exception {
        assertThat(script.value("sodium.bin2hex(sodium.crypto_sign_detached('hello world', ssk))"))
                .isEqualTo(SIGNATURE_OF_HELLO_WORLD);
        script.run("pk3, sk3 = sodium.crypto_sign_keypair() sig = sodium.crypto_sign_detached('m', sk3)");
        assertThat(script.value("#pk3, #sk3, #sig, sodium.crypto_sign_verify_detached(sig, 'm', pk3),"
                        + " sodium.crypto_sign_verify_detached(sig, 'n', pk3),"
                        + " select('#', sodium.crypto_sign_verify_detached('short', 'm', pk3))"))
                .isEqualTo("32 64 64 true false 0");
    }

    @Test
    void wrongSizesAreArgumentErrors() {
        assertThatThrownBy(() -> script.value("(sodium.crypto_box_seal('m', 'short'))"))
                .hasMessageContaining("bad argument #2 to 'crypto_box_seal' (Wrong key size)");
        assertThatThrownBy(() -> script.value("(sodium.randombytes(0))")).hasMessageContaining("bad argument #1");
        assertThatThrownBy(() -> script.value("(sodium.randombytes(1048577))")).hasMessageContaining("bad argument #1");
        assertThatThrownBy(() -> script.value("(jwt.sign('short', {}, {}))")).hasMessageContaining("Wrong key size");
    }

    @Test
    void randomBytesAreAsManyAsAskedFor() throws Exception {
        assertThat(script.value("#sodium.randombytes(1048576), sodium.randombytes(16) ~= sodium.randombytes(16)"))
                .isEqualTo("1048576 true");
    }

    @Test
    void tokensAreCompactAndSigned() throws Exception {
        script.run("token = jwt.sign(ssk, {kid = 'k', alg = 'none'}, {sub = 'x', iat = 12.9, a = true})"
                + " head, body, sig = token:match('^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$')");

        assertThat(new String(java.util.Base64.getUrlDecoder().decode(script.value("head"))))
                .isEqualTo("{\"alg\":\"EdDSA\",\"kid\":\"k\",\"typ\":\"JWT\"}");
        assertThat(new String(java.util.Base64.getUrlDecoder().decode(script.value("body"))))
                .isEqualTo("{\"a\":true,\"iat\":12,\"sub\":\"x\"}");
        String signature =
                HexFormat.of().formatHex(java.util.Base64.getUrlDecoder().decode(script.value("sig")));
        assertThat(script.value("sodium.crypto_sign_verify_detached(x'" + signature + "', head .. '.' .. body, spk)"))
                .isEqualTo("true");
    }
}
