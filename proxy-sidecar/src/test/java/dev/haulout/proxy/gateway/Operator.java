package dev.haulout.proxy.gateway;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.haulout.crd.MariaDBInstance;
import dev.haulout.crd.MariaDBInstanceStatus;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.AccountFile;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.certificate.KeyedCertificate;
import dev.haulout.proxy.wake.Learned;
import dev.haulout.proxy.wake.ServerIdentity;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.stream.Stream;

/** Plays the operator's and the kubelet's part in a test: what it writes is what they would. */
final class Operator {
    static final String NAMESPACE = "haulout";
    static final String TOKEN = "token-of-the-instance";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private final KubernetesClient client;

    Operator(KubernetesClient client) {
        this.client = client;
    }

    void makeNamespace(String name) {
        client.load(stream("apiVersion: v1\nkind: Namespace\nmetadata: {name: " + name + "}\n"))
                .serverSideApply();
    }

    private static java.io.InputStream stream(String text) {
        return new java.io.ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** An instance whose user {@code app} has the password {@code secret}. */
    MariaDBInstance create(String namespace, String name, String spec) {
        client.load(stream("apiVersion: haulout.dev/v1alpha1\nkind: MariaDBInstance\nmetadata: {namespace: " + namespace
                        + ", name: " + name + "}\nspec: {" + spec + "}\n"))
                .serverSideApply();
        return get(namespace, name);
    }

    /** What is known of it before its server ever ran: whom it will let in. */
    void letIn(MariaDBInstance instance) throws IOException {
        know(instance, Map.of());
    }

    /** What is learnt of it, as if its server had run. */
    void learn(MariaDBInstance instance) throws IOException {
        byte[] learned = JSON.writeValueAsBytes(Map.of(
                "identity",
                new ServerIdentity(
                        "5.5.5-10.11.19-MariaDB",
                        0x81ff_f7ffL & ~(1L << 23) & ~(1L << 11),
                        45,
                        globals(),
                        151,
                        "digest"),
                "changedGlobals",
                Map.of(),
                "settled",
                true));
        know(instance, Map.of(Learned.IDENTITY, base64(learned)));
    }

    /** The release's authority, as the operator keeps it. */
    void keepAuthority(KeyedCertificate authority) {
        client.secrets()
                .inNamespace(NAMESPACE)
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName("haulout-ca")
                        .endMetadata()
                        .addToData("tls.crt", base64(authority.certificatePem().getBytes(StandardCharsets.US_ASCII)))
                        .addToData("tls.key", base64(authority.keyPem().getBytes(StandardCharsets.US_ASCII)))
                        .build())
                .serverSideApply();
    }

    private void know(MariaDBInstance instance, Map<String, String> more) throws IOException {
        String uid = instance.getMetadata().getUid();
        MemoryShelf shelf = new MemoryShelf();
        new AccountFile(shelf, Learned.ACCOUNTS)
                .write(AccountBook.beforeFirstStart(
                        "10.11.19-MariaDB",
                        "shop",
                        "app",
                        Secret.of(sha1(sha1("secret".getBytes(StandardCharsets.UTF_8))))));
        client.secrets()
                .inNamespace(NAMESPACE)
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName("haulout-learned-" + uid)
                        .addToLabels("haulout.dev/learned", "")
                        .endMetadata()
                        .addToData(
                                Learned.ACCOUNTS,
                                base64(shelf.read(Learned.ACCOUNTS).orElseThrow()))
                        .addToData(more)
                        .addToData("announce-token", base64(TOKEN.getBytes(StandardCharsets.US_ASCII)))
                        .build())
                .serverSideApply();
    }

    private static Map<String, String> globals() {
        return Map.of(
                "autocommit", "ON",
                "sql_mode", "STRICT_TRANS_TABLES",
                "init_connect", "",
                "completion_type", "NO_CHAIN",
                "tx_read_only", "OFF",
                "session_track_schema", "ON",
                "session_track_system_variables", "autocommit",
                "session_track_state_change", "OFF",
                "session_track_transaction_info", "OFF",
                "lower_case_table_names", "0");
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    MariaDBInstance get(String namespace, String name) {
        return client.resources(MariaDBInstance.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    MariaDBInstanceStatus status(MariaDBInstance instance) {
        return get(instance.getMetadata().getNamespace(), instance.getMetadata().getName())
                .getStatus();
    }

    /** Merges into the status: {@code json} is what stands within its braces. */
    void say(MariaDBInstance instance, String json) {
        patch(instance, "status", "{\"status\":{" + json + "}}");
    }

    /** Merges into the spec. */
    void ask(MariaDBInstance instance, String json) {
        client.resources(MariaDBInstance.class)
                .inNamespace(instance.getMetadata().getNamespace())
                .withName(instance.getMetadata().getName())
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{" + json + "}}");
    }

    private void patch(MariaDBInstance instance, String subresource, String json) {
        client.resources(MariaDBInstance.class)
                .inNamespace(instance.getMetadata().getNamespace())
                .withName(instance.getMetadata().getName())
                .subresource(subresource)
                .patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    /** Has the instance's Service lead to gateways at these addresses. */
    void sendClientsTo(MariaDBInstance instance, int doorPort, InetAddress... gateways) {
        client.discovery()
                .v1()
                .endpointSlices()
                .resource(new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withNamespace(instance.getMetadata().getNamespace())
                        .withName(instance.getMetadata().getName() + "-ipv4")
                        .addToLabels(
                                "kubernetes.io/service-name",
                                instance.getMetadata().getName())
                        .addToLabels("endpointslice.kubernetes.io/managed-by", "haulout")
                        .endMetadata()
                        .withAddressType("IPv4")
                        .addNewPort()
                        .withName("mariadb")
                        .withPort(doorPort)
                        .endPort()
                        .withEndpoints(Stream.of(gateways)
                                .map(address -> new EndpointBuilder()
                                        .withAddresses(address.getHostAddress())
                                        .build())
                                .toList())
                        .build())
                .create();
    }

    /** Its pod, running at this address. */
    Pod runPod(MariaDBInstance instance, String address) {
        return runPod(instance, instance.getMetadata().getUid(), address);
    }

    /** A pod with its name and labels, running at this address, which says that it is of the instance of that uid. */
    Pod runPod(MariaDBInstance instance, String owner, String address) {
        Pod pod = client.pods()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(instance.getMetadata().getNamespace())
                        .withName(instance.getMetadata().getName())
                        .addToLabels("app.kubernetes.io/managed-by", "haulout")
                        .addNewOwnerReference()
                        .withApiVersion("haulout.dev/v1alpha1")
                        .withKind("MariaDBInstance")
                        .withName(instance.getMetadata().getName())
                        .withUid(owner)
                        .withController(true)
                        .endOwnerReference()
                        .endMetadata()
                        .withNewSpec()
                        .addNewContainer()
                        .withName("mariadb")
                        .withImage("localhost/mariadb:1")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        client.pods()
                .resource(pod)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"phase\":\"Running\",\"podIP\":\"" + address + "\",\"podIPs\":[{\"ip\":\""
                                + address + "\"}],\"containerStatuses\":[{\"name\":\"mariadb\",\"image\":\"x\","
                                + "\"imageID\":\"x\",\"ready\":true,\"restartCount\":0,"
                                + "\"state\":{\"running\":{}}}]}}");
        return pod;
    }

    /** As an eviction does: the pod stays until whoever holds its finalizer lets it go. */
    void beginDeletingPod(MariaDBInstance instance) {
        var pod = client.pods()
                .inNamespace(instance.getMetadata().getNamespace())
                .withName(instance.getMetadata().getName());
        pod.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":[\"haulout.dev/test\"]}}");
        pod.withGracePeriod(0).delete();
    }

    void deletePod(MariaDBInstance instance) {
        var pod = client.pods()
                .inNamespace(instance.getMetadata().getNamespace())
                .withName(instance.getMetadata().getName());
        if (pod.get() != null) {
            pod.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
            pod.withGracePeriod(0).delete();
        }
    }
}
