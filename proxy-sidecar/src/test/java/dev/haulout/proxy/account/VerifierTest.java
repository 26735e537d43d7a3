package dev.haulout.proxy.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class VerifierTest {
    /** {@code PASSWORD('password')}. */
    private static final Secret HASH = hex("2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");

    private static final byte[] SCRAMBLE = bytes("abcdefghijklmnopqrst");
    private static final Secret SHA1 = hex("5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8");
    private static final byte[] RESPONSE =
            hex("bfdd49584b917d42c758edd2a7a541f721843041").bytes();

    /** {@code ed25519_password('secret')}, from MariaDB's documentation of the plugin. */
    private static final Secret KEY =
            Secret.of(Base64.getDecoder().decode("ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"));

    @Test
    void rightResponseGivesTheHashOfThePassword() {
        assertThat(Verifier.nativePassword(HASH, SCRAMBLE, RESPONSE)).contains(SHA1);
    }

    @Test
    void hashOfThePasswordAnswersAnyScramble() {
        assertThat(Verifier.nativeResponse(SHA1, SCRAMBLE)).isEqualTo(RESPONSE);
        byte[] other = bytes("tsrqponmlkjihgfedcba");
        assertThat(Verifier.nativePassword(HASH, other, Verifier.nativeResponse(SHA1, other)))
                .contains(SHA1);
    }

    @Test
    void anyChangedBitOfAResponseIsRefused() {
        for (int bit = 0; bit < 160; bit++) {
            byte[] changed = RESPONSE.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(Verifier.nativePassword(HASH, SCRAMBLE, changed)).isEmpty();
        }
    }

    @Test
    void responseOfAnotherLengthIsRefused() {
        assertThat(Verifier.nativePassword(HASH, SCRAMBLE, new byte[0])).isEmpty();
        assertThat(Verifier.nativePassword(HASH, SCRAMBLE, new byte[21])).isEmpty();
    }

    @Test
    void emptyPasswordIsAnsweredWithNothing() {
        assertThat(Verifier.nativeResponse(Secret.of(new byte[0]), SCRAMBLE)).isEmpty();
    }

    @Test
    void clearPasswordFitsItsNativeHashOnly() {
        assertThat(Verifier.clearPassword(HASH, bytes("password"))).contains(SHA1);
        assertThat(Verifier.clearPassword(HASH, bytes("Password"))).isEmpty();
    }

    @Test
    void clearPasswordFitsItsEd25519KeyOnly() {
        assertThat(Verifier.clearPasswordOfEd25519(KEY, bytes("secret"))).isTrue();
        assertThat(Verifier.clearPasswordOfEd25519(KEY, bytes("Secret"))).isFalse();
        assertThat(Verifier.clearPasswordOfEd25519(KEY, new byte[0])).isFalse();
    }

    @Test
    void clearPasswordSignsAsAClientWould() {
        for (String password : new String[] {"secret", "", "a much longer password than thirty-two bytes, ünïcode"}) {
            byte[] nonce = bytes("0123456789abcdef" + "fedcba9876543210");
            assertThat(Verifier.ed25519Signature(Secret.of(bytes(password)), nonce))
                    .isEqualTo(Answers.to(ClientPlugin.ED25519, nonce, bytes(password)));
        }
    }

    @Test
    void signatureForOneNonceIsNoneForAnother() {
        byte[] nonce = new byte[32];
        byte[] signature = Answers.to(ClientPlugin.ED25519, nonce, bytes("secret"));
        assertThat(Verifier.ed25519(KEY, nonce, signature)).isTrue();
        nonce[31] = 1;
        assertThat(Verifier.ed25519(KEY, nonce, signature)).isFalse();
    }

    @Test
    void signatureOrNonceOfAnotherLengthIsRefused() {
        byte[] signature = Answers.to(ClientPlugin.ED25519, new byte[32], bytes("secret"));
        assertThat(Verifier.ed25519(KEY, new byte[33], signature)).isFalse();
        assertThat(Verifier.ed25519(KEY, new byte[32], new byte[63])).isFalse();
        assertThat(Verifier.ed25519(KEY, new byte[32], new byte[0])).isFalse();
    }

    static Secret hex(String hex) {
        return Secret.of(HexFormat.of().parseHex(hex));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
