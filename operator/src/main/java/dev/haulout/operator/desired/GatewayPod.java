package dev.haulout.operator.desired;

import java.util.List;

/**
 * A live gateway.
 *
 * @param name of its pod
 * @param addresses of its pod, numeric, one for each address family
 * @param node where it runs
 */
public record GatewayPod(String name, List<String> addresses, String node) {
    /** Copies the addresses. */
    public GatewayPod {
        addresses = List.copyOf(addresses);
    }
}
