package dev.haulout.operator.instance;

import dev.haulout.operator.desired.Names;
import dev.haulout.proxy.certificate.KeyedCertificate;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which of the certificates that an instance's server had is the present one. Kept as annotations of the ConfigMap with
 * what the server starts with, since the Secrets are not to be read; nor may they be written a second time, so each
 * certificate has a Secret of its own.
 *
 * @param number of the present one, from 1
 * @param renewAt when the next is made
 * @param formerEnd when the one before it ends; empty for the first
 */
record ServerCertificate(int number, Instant renewAt, Optional<Instant> formerEnd) {
    private static final String NUMBER = "haulout.dev/certificate";
    private static final String RENEW_AT = "haulout.dev/renew-certificate-at";
    private static final String FORMER_END = "haulout.dev/former-certificate-ends-at";

    /** A server that runs with one that ends sooner than this can't wait until nobody uses it. */
    private static final Duration SOON = Duration.ofDays(60);

    /** As it was seen last; empty when there has been none yet. */
    static Optional<ServerCertificate> of(OwnedObjects objects, Names names) {
        return objects.seen(ConfigMap.class, names.namespace(), names.serverConfigMap())
                .flatMap(files -> of(files.getMetadata().getAnnotations()));
    }

    /** As the annotations tell; empty when there has been none yet. */
    static Optional<ServerCertificate> of(Map<String, String> annotations) {
        if (annotations == null || !annotations.containsKey(RENEW_AT)) {
            return Optional.empty();
        }
        return Optional.of(new ServerCertificate(
                Integer.parseInt(annotations.getOrDefault(NUMBER, "1")),
                Instant.parse(annotations.get(RENEW_AT)),
                Optional.ofNullable(annotations.get(FORMER_END)).map(Instant::parse)));
    }

    /** A new one, by what there was before. */
    static ServerCertificate made(KeyedCertificate made, Optional<ServerCertificate> before) {
        Instant end = made.certificate().getNotAfter().toInstant();
        Duration last = lastPart(made);
        return new ServerCertificate(
                before.map(ServerCertificate::number).orElse(0) + 1,
                end.minus(last),
                before.map(former -> former.renewAt().plus(last))); // all live equally long
    }

    /** The part of its life in which the next one is there already. */
    private static Duration lastPart(KeyedCertificate made) {
        return Duration.between(
                        made.certificate().getNotBefore().toInstant(),
                        made.certificate().getNotAfter().toInstant())
                .dividedBy(3);
    }

    /** For the ConfigMap. */
    Map<String, String> annotations() {
        Map<String, String> annotations = new TreeMap<>();
        annotations.put(NUMBER, Integer.toString(number));
        annotations.put(RENEW_AT, renewAt.toString());
        formerEnd.ifPresent(end -> annotations.put(FORMER_END, end.toString()));
        return annotations;
    }

    /** Whether it is time for the next one. */
    boolean isDue(Instant now) {
        return !now.isBefore(renewAt);
    }

    /** Whether a server that was started with the certificate of that number is to make room for one with this. */
    Restart restartOf(int started, Instant now) {
        if (started == number) {
            return Restart.NONE;
        }
        boolean soon = started < number - 1
                || formerEnd.filter(end -> now.isBefore(end.minus(SOON))).isEmpty();
        return soon ? Restart.CERTIFICATE_ENDS : Restart.WHEN_UNUSED;
    }
}
