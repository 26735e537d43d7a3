package dev.haulout.operator.instance;

import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.PowerWish;

/** What the owner wants of an instance's power: {@code power}, {@code replicas} and windows taken together. */
enum Wish {
    /** It sleeps and wakes by itself. */
    AUTO,
    /** It stays awake. */
    AWAKE,
    /** It stays down. */
    SUSPENDED;

    /** @param inWindow whether one of {@code spec.sleep.keepAwake} is open now */
    static Wish of(MariaDBInstanceSpec spec, boolean inWindow) {
        if (spec.power() == PowerWish.SUSPENDED || (spec.replicas() != null && spec.replicas() == 0)) {
            return SUSPENDED;
        }
        return spec.power() == PowerWish.AWAKE || inWindow ? AWAKE : AUTO;
    }
}
