package dev.haulout.proxy.gateway;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the operator that this gateway lives, so that no instance is stopped without its consent. */
final class GatewayLease implements AutoCloseable {
    /** On every gateway's Lease. */
    static final String LABEL = "haulout.dev/gateway";

    private static final Logger log = LoggerFactory.getLogger(GatewayLease.class);
    private static final Duration BETWEEN = Duration.ofSeconds(3);
    private static final int SECONDS = 10;

    private final KubernetesClient client;
    private final GatewayOptions options;
    private final Thread renewing;
    private boolean failing;

    private GatewayLease(KubernetesClient client, GatewayOptions options) {
        this.client = client;
        this.options = options;
        this.renewing = Thread.ofVirtual().name("haulout-lease").unstarted(this::renewOnAndOn);
    }

    /** Takes it, and renews it from then on. */
    static GatewayLease take(KubernetesClient client, GatewayOptions options) {
        GatewayLease lease = new GatewayLease(client, options);
        lease.renew();
        lease.renewing.start();
        return lease;
    }

    private void renewOnAndOn() {
        try {
            while (true) {
                Thread.sleep(BETWEEN);
                renew();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void renew() {
        try {
            client.leases()
                    .inNamespace(options.namespace())
                    .resource(lease())
                    .fieldManager(Gateway.FIELD_MANAGER)
                    .forceConflicts()
                    .serverSideApply();
            failing = false;
        } catch (KubernetesClientException e) {
            if (!failing) {
                log.warn("the gateway's Lease can't be renewed, which is tried on: {}", e.getMessage());
            }
            failing = true;
        }
    }

    private Lease lease() {
        ObjectMetaBuilder metadata = new ObjectMetaBuilder()
                .withNamespace(options.namespace())
                .withName(options.pod())
                .addToLabels(LABEL, "");
        options.podUid()
                .ifPresent(uid -> metadata.addToOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withName(options.pod())
                        .withUid(uid)
                        .build()));
        return new LeaseBuilder()
                .withMetadata(metadata.build())
                .withNewSpec()
                .withHolderIdentity(options.pod())
                .withLeaseDurationSeconds(SECONDS)
                .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                .endSpec()
                .build();
    }

    /** Gives it up: nobody needs to wait for this gateway any more. */
    @Override
    public void close() throws InterruptedException {
        renewing.interrupt();
        renewing.join();
        try {
            client.leases()
                    .inNamespace(options.namespace())
                    .withName(options.pod())
                    .delete();
        } catch (KubernetesClientException e) {
            log.warn("the gateway's Lease can't be given up, and lapses in {} s: {}", SECONDS, e.getMessage());
        }
    }
}
