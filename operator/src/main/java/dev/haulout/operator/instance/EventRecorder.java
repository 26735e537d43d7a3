package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstance;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what happened to an instance, to the log and as Events. */
final class EventRecorder {
    private static final Logger log = LoggerFactory.getLogger(EventRecorder.class);
    private static final DateTimeFormatter MICRO =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** What the API takes at most. */
    private static final int LONGEST = 1024;

    private final KubernetesClient client;
    private final Clock clock;
    private final String reporter;

    /** @param reporter the name of this process */
    EventRecorder(KubernetesClient client, Clock clock, String reporter) {
        this.client = client;
        this.clock = clock;
        this.reporter = reporter;
    }

    void normal(MariaDBInstance about, String reason, String note) {
        log.atInfo().addKeyValue("instance", name(about)).log("{}: {}", reason, note);
        record(about, "Normal", reason, note);
    }

    void warning(MariaDBInstance about, String reason, String note) {
        log.atWarn().addKeyValue("instance", name(about)).log("{}: {}", reason, note);
        record(about, "Warning", reason, note);
    }

    /** Not waited for, and not tried again: an Event is worth less than what it tells of. */
    private void record(MariaDBInstance about, String type, String reason, String note) {
        Thread.startVirtualThread(() -> {
            try {
                var _ = client.resource(new EventBuilder()
                                .withNewMetadata()
                                .withGenerateName(about.getMetadata().getName() + "-")
                                .withNamespace(about.getMetadata().getNamespace())
                                .endMetadata()
                                .withNewRegarding()
                                .withApiVersion(about.getApiVersion())
                                .withKind(about.getKind())
                                .withNamespace(about.getMetadata().getNamespace())
                                .withName(about.getMetadata().getName())
                                .withUid(about.getMetadata().getUid())
                                .endRegarding()
                                .withType(type)
                                .withReason(reason)
                                .withAction(reason)
                                .withNote(note.length() > LONGEST ? note.substring(0, LONGEST) : note)
                                .withReportingController("haulout.dev/operator")
                                .withReportingInstance(reporter)
                                .withEventTime(new MicroTime(MICRO.format(clock.instant())))
                                .build())
                        .create();
            } catch (KubernetesClientException e) {
                log.atWarn()
                        .addKeyValue("instance", name(about))
                        .log("an Event could not be written: {}", e.getMessage());
            }
        });
    }

    private static String name(MariaDBInstance about) {
        return about.getMetadata().getNamespace() + "/" + about.getMetadata().getName();
    }
}
