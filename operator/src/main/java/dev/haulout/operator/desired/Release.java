package dev.haulout.operator.desired;

import java.util.Map;

/**
 * The installation of Haulout that instances belong to.
 *
 * @param namespace where operator and gateways run
 * @param operatorLabels labels that the operator's pods have, and no others in that namespace
 * @param gatewayLabels labels that the gateways' pods have, and no others in that namespace
 * @param announcePort where gateways listen for servers that announce themselves
 */
public record Release(
        String namespace, Map<String, String> operatorLabels, Map<String, String> gatewayLabels, int announcePort) {
    /** Copies the labels. */
    public Release {
        operatorLabels = Map.copyOf(operatorLabels);
        gatewayLabels = Map.copyOf(gatewayLabels);
    }
}
