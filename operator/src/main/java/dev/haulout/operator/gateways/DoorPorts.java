package dev.haulout.operator.gateways;

import dev.haulout.crd.MariaDBInstance;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

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
    private final Map<Integer, String> owners = new HashMap<>();

    /** None given out yet. */
    public DoorPorts() {}

    /**
     * The port of an instance: the one it has, unless an older instance has it too; else the lowest that is free. One
     * that an EndpointSlice still names is not: connections meant for its former owner would come there.
     *
     * @param all every instance there is, this one too; asked for only while it is not settled which is this one's
     * @param named ports that EndpointSlices of other instances name; asked for only when a new one is needed
     * @return empty when there is none left
     */
    public synchronized OptionalInt of(
            MariaDBInstance instance,
            Supplier<? extends Collection<MariaDBInstance>> all,
            Supplier<Set<Integer>> named) {
        String uid = instance.getMetadata().getUid();
        Integer mine = given.getOrDefault(uid, port(instance));
        if (mine != null && given.containsKey(uid) && uid.equals(owners.get(mine))) {
            return OptionalInt.of(mine);
        }
        Set<Integer> taken = new HashSet<>();
        boolean keeps = mine != null;
        for (MariaDBInstance other : all.get()) {
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
            return own(uid, mine);
        }
        taken.addAll(named.get());
        for (int port = FIRST; port <= LAST; port++) {
            if (!taken.contains(port)) {
                return own(uid, port);
            }
        }
        return OptionalInt.empty();
    }

    private OptionalInt own(String uid, int port) {
        given.put(uid, port);
        owners.put(port, uid);
        return OptionalInt.of(port);
    }

    /** The instance is gone. */
    public synchronized void free(String uid) {
        Integer port = given.remove(uid);
        if (port != null) {
            owners.remove(port, uid);
        }
    }

    private static Integer port(MariaDBInstance instance) {
        return instance.getStatus() == null || instance.getStatus().door() == null
                ? null
                : instance.getStatus().door().port();
    }
}
