package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.PowerWish;

/** What the owner wants of an instance's power, {@code power} and {@code replicas} taken together. */
enum Wish {
    /** It sleeps and wakes by itself. */
    AUTO,
    /** It stays awake. */
    AWAKE,
    /** It stays down. */
    SUSPENDED;

    static Wish of(MariaDBInstanceSpec spec) {
        if (spec.power() == PowerWish.SUSPENDED || (spec.replicas() != null && spec.replicas() == 0)) {
            return SUSPENDED;
        }
        return spec.power() == PowerWish.AWAKE ? AWAKE : AUTO;
    }
}
