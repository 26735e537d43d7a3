package dev.haulout.operator.desired;

import dev.haulout.crd.MariaDBInstance;
import dev.haulout.proxy.certificate.KeyedCertificate;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Everything that is to be there for one instance. Secrets are only ever to be created: what lies in one that is there
 * already is the truth, and its text is given back to the methods that need it.
 */
public final class Desired {
    private final Release release;
    private final MariaDBInstance instance;
    private final Names names;

    /**
     * @param release the installation
     * @param instance with name, namespace and uid
     */
    public Desired(Release release, MariaDBInstance instance) {
        this.release = release;
        this.instance = instance;
        this.names = names(instance);
    }

    /** What an instance's objects are called. */
    public static Names names(MariaDBInstance instance) {
        return new Names(
                instance.getMetadata().getName(), instance.getMetadata().getNamespace());
    }

    /** What this instance's objects are called. */
    public Names names() {
        return names;
    }

    /** Whether the password of {@code spec.user} is generated: there is such a user, and no Secret of the owner's. */
    public boolean generatesUserPassword() {
        return instance.getSpec().user() != null && instance.getSpec().passwordSecret() == null;
    }

    /**
     * The claim of the data directory's volume.
     *
     * @param access as the claim that is there has it; else what the storage class can do
     */
    public PersistentVolumeClaim volume(VolumeAccess access) {
        return DataObjects.volume(instance, access);
    }

    /** How large the volume is to be. */
    public Quantity storageSize() {
        return instance.getSpec().storage().size();
    }

    /** The Secret with root's password. It stays as long as the volume does, which knows no other. */
    public Secret rootPassword(String password) {
        return DataObjects.rootPassword(instance, password);
    }

    /** The Secret with the password of {@code spec.user}, where it {@link #generatesUserPassword is generated}. */
    public Secret userPassword(String password) {
        return DataObjects.userPassword(instance, password);
    }

    /** The Secret with all an application needs to connect, where its password is known here. */
    public Secret application(String password) {
        return ClientObjects.application(instance, password);
    }

    /** The ConfigMap with the release's certificate authority. */
    public ConfigMap authority(String authorityPem) {
        return ClientObjects.authority(instance, authorityPem);
    }

    /** The Service that clients connect to; it leads to the gateways, asleep or awake. */
    public Service service() {
        return ClientObjects.service(instance);
    }

    /**
     * The slices that lead the Service to this instance's door. A family that no gateway has an address of has none: one
     * that is left from earlier is to be deleted.
     *
     * @param doorPort the instance's port on every gateway
     * @param gateways those that take connections
     */
    public List<EndpointSlice> endpointSlices(int doorPort, Collection<GatewayPod> gateways) {
        return ClientObjects.endpointSlices(instance, doorPort, gateways);
    }

    /**
     * The Secret with the server's certificate and key, and the authority that clients of it must show one of.
     *
     * @param number which certificate it is, see {@link Names#tlsSecret}
     */
    public Secret serverCertificate(int number, KeyedCertificate certificate, String authorityPem) {
        return ServerObjects.certificate(instance, number, certificate, authorityPem);
    }

    /** The Secret with the token by which the server announces itself. */
    public Secret announceToken(String token) {
        return ServerObjects.announceToken(instance, token);
    }

    /**
     * The ConfigMap with what the server starts with.
     *
     * @param changedGlobals globals that were changed while it ran and would be lost: names, and values as SQL literals
     */
    public ConfigMap serverFiles(Map<String, String> changedGlobals) {
        return ServerObjects.files(instance, changedGlobals);
    }

    /** The headless Service that gives the pod its host name. */
    public Service podService() {
        return ServerObjects.podService(instance);
    }

    /**
     * The budget of disruptions. While it refuses, whoever drains the node asks again every few seconds, so the caller
     * gets time to put the server to sleep; it has to give in after a bounded time, or the node's drain never ends.
     *
     * @param mayBeEvicted whether the pod may be evicted now
     */
    public PodDisruptionBudget disruptionBudget(boolean mayBeEvicted) {
        return ServerObjects.disruptionBudget(instance, mayBeEvicted);
    }

    /** Lets only gateways and operator reach the server. */
    public NetworkPolicy networkPolicy() {
        return ServerObjects.networkPolicy(instance, release);
    }

    /**
     * The server's pod, to be created once for each wake.
     *
     * @param gateways whom it announces itself to, and whose word on a client's address it takes
     * @param initialise whether the data directory is to be made, where the volume is empty. Once it was made this has to
     *     be false: a server that finds an empty volume then does not start, rather than pass for the one that was lost
     * @param certificate number of its server's certificate, see {@link Names#tlsSecret}
     * @throws UnfitSpecException when {@code spec.pod} has what no pod has
     */
    public Pod pod(Collection<GatewayPod> gateways, boolean initialise, int certificate) throws UnfitSpecException {
        return PodMaker.pod(release, instance, gateways, initialise, certificate);
    }

    /**
     * The server's program and options as a short text: with another than that of the pod's annotation
     * {@value Marks#PROGRAM} a server may greet otherwise.
     */
    public String program() {
        return PodMaker.program(instance);
    }

    /**
     * What of the spec a running server was started with, as a short text: another text than that of the pod's
     * annotation {@value Marks#CONFIGURATION} means that the pod is out of date.
     */
    public String configuration() {
        return PodMaker.configuration(instance);
    }
}
