package dev.haulout.operator.server;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.AccountFile;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.wake.Learned;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/**
 * What gateways have to know of an instance before its server first ran: whom it will let in, and by which token it
 * announces itself.
 *
 * @param client the API
 * @param namespace the release's
 */
public record FirstLearned(KubernetesClient client, String namespace) {
    /** Under which name the token lies beside what is learnt. */
    public static final String TOKEN = "announce-token";

    /**
     * Keeps it; accounts that were learnt of a server stay as they are.
     *
     * @param userPassword of {@code spec.user} where it is known: one that was generated
     */
    public void keep(MariaDBInstance instance, String token, Optional<String> userPassword) throws IOException {
        SecretShelf shelf = new SecretShelf(
                client,
                namespace,
                instance.getMetadata().getUid(),
                Optional.of(instance.getMetadata().getNamespace() + "/"
                        + instance.getMetadata().getName()));
        if (shelf.read(TOKEN).isEmpty()) {
            shelf.write(TOKEN, token.getBytes(StandardCharsets.UTF_8));
        }
        MariaDBInstanceSpec spec = instance.getSpec();
        boolean known = spec.user() == null || userPassword.isPresent();
        if (known && shelf.read(Learned.ACCOUNTS).isEmpty()) {
            byte[] password = userPassword.orElse("").getBytes(StandardCharsets.UTF_8);
            new AccountFile(shelf, Learned.ACCOUNTS)
                    .write(AccountBook.beforeFirstStart(
                            spec.version(),
                            spec.database(),
                            spec.user(),
                            Secret.of(password.length == 0 ? password : sha1(sha1(password)))));
        }
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-1, which mysql_native_password needs", e);
        }
    }
}
