package dev.haulout.operator.desired;

import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.Resources;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * The server's option file: what makes it start fast, what fits it to its memory, and the owner's own lines last, which
 * so win. Durability is left to the server's defaults but where those are weak. What the gateways rely on is no option
 * of this file: the start script gives it as arguments, which win over all of it.
 */
final class OptionsFile {
    private static final String START = """
            # Written anew by the operator; put your own lines in spec.myCnf.
            [mariadbd]
            key-buffer-size=64K
            innodb-log-buffer-size=2M
            aria-pagecache-buffer-size=1M
            performance-schema=OFF
            sync-binlog=1
            """;

    private OptionsFile() {}

    static String of(MariaDBInstanceSpec spec) {
        MemoryFit fit = MemoryFit.of(memory(spec.resources()));
        String own = spec.myCnf() == null ? "" : spec.myCnf();
        return START
                + "innodb-buffer-pool-size=" + fit.bufferPool() + "M\n"
                + "innodb-log-file-size=" + fit.redo() + "M\n"
                + "max-connections=" + fit.connections() + "\n"
                + "# from here on spec.myCnf\n"
                + own
                + (own.isEmpty() || own.endsWith("\n") ? "" : "\n");
    }

    /** In bytes: what it may use, else what is set aside for it, else what it may use where nothing is said. */
    private static long memory(Resources resources) {
        Quantity memory = resources.limits().memory();
        if (memory == null) {
            memory = resources.requests().memory();
        }
        if (memory == null) {
            memory = Resources.DEFAULTS.limits().memory();
        }
        return memory.getNumericalAmount().longValue();
    }
}
