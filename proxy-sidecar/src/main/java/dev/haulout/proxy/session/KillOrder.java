package dev.haulout.proxy.session;

import dev.haulout.proxy.account.Account;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.wake.Instance;
import dev.haulout.proxy.wake.Participant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * A KILL by the id that a door gave to a session.
 *
 * @param id the session's
 * @param queryOnly whether only its statement is meant
 * @param killer the account of who wants it; empty where it is not known
 * @param by who that is, in words
 */
public record KillOrder(long id, boolean queryOnly, Optional<Account> killer, String by) {
    /**
     * Looks for the session among those of this proxy. Where it has a connection to the server, its id is told and nothing
     * done; where it has none, the door does what the server would. On any thread; doesn't block.
     *
     * @param then told what came of it, once that has come about; on any thread
     */
    public void carryOut(Instance instance, Consumer<KillAnswer> then) {
        for (Participant participant : instance.participants()) {
            if (participant instanceof Session session && session.id() == id) {
                try {
                    session.loop()
                            .execute(() -> then.accept(
                                    carryOut(session, instance.learned().accounts())));
                } catch (RejectedExecutionException itsProxyEnds) {
                    then.accept(new KillAnswer.Unknown());
                }
                return;
            }
        }
        then.accept(new KillAnswer.Unknown());
    }

    private KillAnswer carryOut(Session session, AccountBook book) {
        OptionalLong backendId = session.backendId();
        if (backendId.isPresent()) {
            return new KillAnswer.Connected(backendId.getAsLong());
        }
        if (!isAllowed(session.account(book))) {
            return new KillAnswer.Denied();
        }
        if (queryOnly) {
            session.interrupt();
        } else {
            session.kill("it was killed by " + by);
        }
        return new KillAnswer.Done();
    }

    /** The server's rule: one's own account's sessions, or any with CONNECTION ADMIN. */
    private boolean isAllowed(Optional<Account> target) {
        return killer.isPresent() && (killer.get().mayKillOthers() || killer.equals(target));
    }
}
