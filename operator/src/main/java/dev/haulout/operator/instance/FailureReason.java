package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceStatus;

/** Why an instance does not come up, as the reason of its conditions and events. Each asks for another remedy. */
public enum FailureReason {
    /** Its image can't be had. */
    IMAGE_PULL("ImagePull"),
    /** No node takes its pod. */
    UNSCHEDULABLE("Unschedulable"),
    /** Its volume is not there yet, or not attached. */
    VOLUME_PENDING("VolumePending"),
    /** The server ends again and again. */
    CRASH_LOOP("CrashLoop"),
    /** A Secret is not there, or lacks a key. */
    SECRET_MISSING("SecretMissing"),
    /** The volume is full. */
    DISK_FULL("DiskFull"),
    /** Nothing is heard from the pod's node. */
    NODE_UNREACHABLE("NodeUnreachable"),
    /** There is no port left for its door. */
    PORTS_EXHAUSTED("PortsExhausted"),
    /** The pod was evicted from its node. */
    EVICTED("Evicted"),
    /** The API server refuses what is to be made. */
    REFUSED("Refused"),
    /** Something that is not its own has a name that it needs. */
    NAME_TAKEN("NameTaken"),
    /** The server runs and does not answer. */
    NO_ANSWER("NoAnswer"),
    /** Its volume is to grow and can't. */
    RESIZE_REFUSED("ResizeRefused"),
    /** As many servers are starting as may, and others come first. */
    IN_LINE(MariaDBInstanceStatus.IN_LINE),
    /** It is suspended. */
    SUSPENDED("Suspended");

    private final String text;

    FailureReason(String text) {
        this.text = text;
    }

    /** As conditions write it. */
    public String text() {
        return text;
    }
}
