package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceStatus;

/** The status of a resource that has none yet. */
final class Statuses {
    static final MariaDBInstanceStatus EMPTY = new MariaDBInstanceStatus(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    private Statuses() {}
}
