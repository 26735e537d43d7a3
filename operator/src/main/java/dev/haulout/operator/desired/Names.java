package dev.haulout.operator.desired;

import java.util.List;

/**
 * What an instance's objects are called.
 *
 * @param instance the instance's own name
 * @param namespace its namespace, which is that of all its objects
 */
public record Names(String instance, String namespace) {

    /** The claim of the data directory's volume. */
    public String volume() {
        return instance + "-data";
    }

    /** The Secret with root's password. */
    public String rootSecret() {
        return instance + "-root";
    }

    /** The Secret with the generated password of {@code spec.user}. */
    public String userSecret() {
        return instance + "-user";
    }

    /**
     * The Secret with the server's certificate.
     *
     * @param number which one: the first is 1, and each that replaces another is one more
     */
    public String tlsSecret(int number) {
        return instance + "-tls" + (number == 1 ? "" : "-" + number);
    }

    /** The Secret with the token by which the server announces itself. */
    public String announceSecret() {
        return instance + "-announce";
    }

    /** The Secret with all that an application needs to connect. */
    public String applicationSecret() {
        return instance + "-app";
    }

    /** The ConfigMap with the release's certificate authority, for clients. */
    public String authorityConfigMap() {
        return instance + "-ca";
    }

    /** The ConfigMap with what the server starts with. */
    public String serverConfigMap() {
        return instance + "-server";
    }

    /** The Service that clients connect to. */
    public String service() {
        return instance;
    }

    /** The Service that gives the pod its host name. */
    public String podService() {
        return instance + "-pod";
    }

    /** The pod. Fixed, so that there can't be two. */
    public String pod() {
        return instance;
    }

    /** The budget of disruptions. */
    public String disruptionBudget() {
        return instance;
    }

    /** The network policy. */
    public String networkPolicy() {
        return instance;
    }

    /** An EndpointSlice of {@link #service()}. */
    public String endpointSlice(AddressFamily family) {
        return instance + "-" + family.suffix();
    }

    /** Where clients in the cluster find it, whatever the cluster's domain. */
    public String host() {
        return service() + "." + namespace + ".svc";
    }

    /** Every DNS name of the server, for its certificate. */
    public List<String> hosts() {
        return List.of(
                service(), service() + "." + namespace, host(), pod() + "." + podService() + "." + namespace + ".svc");
    }
}
