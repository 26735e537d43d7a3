package dev.haulout.operator.instance;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/** What the API server says when it does not do what is asked of it. */
final class Refusal {
    private static final int UNPROCESSABLE = 422;

    private Refusal() {}

    /** Whether asking again is of no use as long as nothing changes. */
    static boolean isForGood(KubernetesClientException e) {
        return e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
                || e.getCode() == UNPROCESSABLE
                || e.getCode() == HttpURLConnection.HTTP_BAD_REQUEST;
    }

    /** Its own words, without the objects that it shows below them. */
    static String message(KubernetesClientException e) {
        String message = e.getStatus() == null || e.getStatus().getMessage() == null
                ? e.getMessage()
                : e.getStatus().getMessage();
        return message.lines().findFirst().orElse(message);
    }
}
