package dev.haulout.proxy.gateway;

import dev.haulout.crd.MariaDBInstance;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A merge patch of one instance's status in a single request. (The client's own call reads the resource first, which
 * every wake would wait for.)
 */
final class StatusPatch implements StatusApi {
    private static final long LIMIT_SECONDS = 5;

    private final KubernetesClient client;
    private final InstanceKey key;

    StatusPatch(KubernetesClient client, InstanceKey key) {
        this.client = client;
        this.key = key;
    }

    @Override
    public MariaDBInstance merge(String patch) {
        HttpRequest request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(client.getMasterUrl() + "apis/" + HasMetadata.getApiVersion(MariaDBInstance.class) + "/namespaces/"
                        + key.namespace() + "/" + HasMetadata.getPlural(MariaDBInstance.class) + "/" + key.name()
                        + "/status?fieldManager=" + Gateway.FIELD_MANAGER)
                .method("PATCH", "application/merge-patch+json", patch)
                .timeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                .build();
        HttpResponse<String> response = send(request);
        if (!response.isSuccessful()) {
            throw new KubernetesClientException(
                    "the API answered " + response.code() + ": " + response.body(), response.code(), null);
        }
        return client.getKubernetesSerialization().unmarshal(response.body(), MariaDBInstance.class);
    }

    private HttpResponse<String> send(HttpRequest request) {
        var sent = client.getHttpClient().sendAsync(request, String.class);
        try {
            return sent.get(2 * LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new KubernetesClientException("the API can't be reached: " + e.getCause(), e);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new KubernetesClientException("the API does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KubernetesClientException("the gateway is stopping", e);
        }
    }
}
