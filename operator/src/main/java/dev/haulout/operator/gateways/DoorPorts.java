package dev.haulout.operator.gateways;

import dev.haulout.crd.MariaDBInstance;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Which port of the gateways is whose door. The truth is {@code status.door.port} of the instances; what was given out
 * and is not to be seen there yet is remembered here.
 */
public final class DoorPorts {
    /** The first port for doors. */
    public static final int FIRST = 10000;

    /** The last one: those above are given out by the kernel itself. */
    public static final int LAST = 31999;

    private static final Comparator<MariaDBInstance> AGE = Comparator.comparing(
                    (MariaDBInstance instance) -> instance.getMetadata().getCreationTimestamp())
            .thenComparing(instance -> instance.getMetadata().getUid());

    private final Map<String, Integer> given = new HashMap<>();

    /** None given out yet. */
    public DoorPorts() {}

    /**
     * The port of an instance: the one it has, unless an older instance has it too; else the lowest that is free. One
     * that an EndpointSlice still names is not: connections meant for its former owner would come there.
     *
     * @param all every instance there is, this one too
     * @param named ports that EndpointSlices of other instances name
     * @return empty when there is none left
     */
    public synchronized OptionalInt of(MariaDBInstance instance, Collection<MariaDBInstance> all, Set<Integer> named) {
        String uid = instance.getMetadata().getUid();
        Integer mine = given.getOrDefault(uid, port(instance));
        Set<Integer> taken = new HashSet<>(named);
        boolean keeps = mine != null;
        for (MariaDBInstance other : all) {
            String otherUid = other.getMetadata().getUid();
            if (otherUid.equals(uid)) {
                continue;
            }
            Integer theirs = given.getOrDefault(otherUid, port(other));
            if (theirs != null) {
                taken.add(theirs);
                keeps &= !theirs.equals(mine) || AGE.compare(instance, other) < 0;
            }
        }
        if (keeps) {
            given.put(uid, mine);
            return OptionalInt.of(mine);
        }
        for (int port = FIRST; port <= LAST; port++) {
            if (!taken.contains(port)) {
                given.put(uid, port);
                return OptionalInt.of(port);
            }
        }
        return OptionalInt.empty();
    }

    /** The instance is gone. */
    public synchronized void free(String uid) {
        given.remove(uid);
    }

    private static Integer port(MariaDBInstance instance) {
        return instance.getStatus() == null || instance.getStatus().door() == null
                ? null
                : instance.getStatus().door().port();
    }
}
