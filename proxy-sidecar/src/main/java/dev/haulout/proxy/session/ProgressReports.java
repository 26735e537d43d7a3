package dev.haulout.proxy.session;

import dev.haulout.proxy.protocol.Capability;
import dev.haulout.proxy.protocol.Command;
import dev.haulout.proxy.protocol.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * Tells a client that takes progress reports ({@link Capability#PROGRESS}), while its command waits for a server, that it
 * does: each packet starts its read timeout anew. The answer goes on with the sequence number behind the last one.
 *
 * <pre>
 * int&lt;1&gt; 0xff, int&lt;2&gt; 0xffff, int&lt;1&gt; strings (1), int&lt;1&gt; stage, int&lt;1&gt; stages, int&lt;3&gt; thousandths of a percent, string&lt;lenenc&gt; what it does
 * </pre>
 *
 * @see <a href="https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/err_packet">ERR
 *     packet</a>
 */
final class ProgressReports {
    /** The shortest read timeout that clients can ask for as a rule is a second. */
    private static final long EVERY_MILLIS = 500;

    private static final byte[] WHAT = "Waiting for the database".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REPORT = report();

    private final Session session;
    private ScheduledFuture<?> next; // null while nothing waits

    ProgressReports(Session session) {
        this.session = session;
    }

    private static byte[] report() {
        byte[] begin = {(byte) 0xff, (byte) 0xff, (byte) 0xff, 1, 1, 1, 0, 0, 0, (byte) WHAT.length};
        byte[] report = new byte[begin.length + WHAT.length];
        System.arraycopy(begin, 0, report, 0, begin.length);
        System.arraycopy(WHAT, 0, report, begin.length, WHAT.length);
        return report;
    }

    /** The client's next command waits. */
    void begin() {
        if (next == null && isHeardFor(session.peek())) {
            next = session.loop()
                    .scheduleAtFixedRate(
                            () -> session.report(REPORT), EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Whether the client reads them: not behind a command that goes on in frames with numbers yet to come. */
    private boolean isHeardFor(ByteBuf command) {
        return Capability.has(session.profile().capabilities(), Capability.PROGRESS)
                && !session.login().isSidecar() // to which anything said is the beginning of the answer
                && !Command.isSilent(Wire.firstByte(command))
                && Wire.payloadLength(command) < Wire.MAX_PAYLOAD;
    }

    /** It waits no more. */
    void end() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }
}
