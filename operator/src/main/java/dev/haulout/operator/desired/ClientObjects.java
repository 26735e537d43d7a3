package dev.haulout.operator.desired;

import dev.haulout.crd.MariaDBInstance;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What clients see: the door's Service and its slices, the certificate authority, and an application's Secret. */
final class ClientObjects {
    static final String PORT_NAME = "mysql";
    static final int PORT = 3306;

    private ClientObjects() {}

    static Service service(MariaDBInstance instance) {
        Names names = Desired.names(instance);
        return new ServiceBuilder()
                .withMetadata(Marks.owned(instance, names.service()))
                .withNewSpec()
                .withType("ClusterIP")
                .withIpFamilyPolicy("PreferDualStack")
                .addNewPort()
                .withName(PORT_NAME)
                .withPort(PORT)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }

    static List<EndpointSlice> endpointSlices(MariaDBInstance instance, int doorPort, Collection<GatewayPod> gateways) {
        List<EndpointSlice> slices = new ArrayList<>();
        for (AddressFamily family : AddressFamily.values()) {
            List<Endpoint> endpoints = gateways.stream()
                    .flatMap(gateway -> endpoints(gateway, family))
                    .sorted(Comparator.comparing(
                            endpoint -> endpoint.getAddresses().getFirst()))
                    .toList();
            if (!endpoints.isEmpty()) {
                slices.add(slice(instance, family, doorPort, endpoints));
            }
        }
        return slices;
    }

    private static EndpointSlice slice(
            MariaDBInstance instance, AddressFamily family, int doorPort, List<Endpoint> endpoints) {
        Names names = Desired.names(instance);
        return new EndpointSliceBuilder()
                .withMetadata(new ObjectMetaBuilder(Marks.owned(instance, names.endpointSlice(family)))
                        .addToLabels("kubernetes.io/service-name", names.service())
                        .addToLabels(Marks.SLICES_MANAGED_BY, Marks.MANAGER)
                        .build())
                .withAddressType(family.type())
                .addNewPort()
                .withName(PORT_NAME)
                .withPort(doorPort)
                .withProtocol("TCP")
                .endPort()
                .withEndpoints(endpoints)
                .build();
    }

    private static Stream<Endpoint> endpoints(GatewayPod gateway, AddressFamily family) {
        return gateway.addresses().stream()
                .filter(address -> AddressFamily.of(address) == family)
                .map(address -> new EndpointBuilder()
                        .withAddresses(address)
                        .withNodeName(gateway.node())
                        .withNewConditions()
                        .withReady(true)
                        .endConditions()
                        .build());
    }

    static ConfigMap authority(MariaDBInstance instance, String authorityPem) {
        return new ConfigMapBuilder()
                .withMetadata(Marks.owned(instance, Desired.names(instance).authorityConfigMap()))
                .withData(Map.of("ca.crt", authorityPem))
                .build();
    }

    static Secret application(MariaDBInstance instance, String password) {
        Names names = Desired.names(instance);
        String database = instance.getSpec().database();
        Map<String, String> texts = new TreeMap<>();
        texts.put("host", names.host());
        texts.put("port", Integer.toString(PORT));
        texts.put("database", database);
        texts.put("user", instance.getSpec().user());
        texts.put("password", password);
        // as it is: the driver decodes nothing
        texts.put("jdbc-url", "jdbc:mariadb://" + names.host() + ":" + PORT + "/" + database);
        return SecretText.secret(Marks.owned(instance, names.applicationSecret()), SecretText.OPAQUE, texts);
    }
}
