package dev.haulout.operator.gateways;

import dev.haulout.operator.desired.GatewayPod;

/**
 * A gateway whose Lease is live.
 *
 * @param pod its pod; without addresses while they are not known
 * @param takesConnections whether it is ready and not about to end
 */
public record Gateway(GatewayPod pod, boolean takesConnections) {}
