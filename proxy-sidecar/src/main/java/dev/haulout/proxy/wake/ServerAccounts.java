package dev.haulout.proxy.wake;

import dev.haulout.proxy.account.AccountBook;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The accounts of an instance's server, as they are kept or asked anew; nothing here blocks its caller. */
public final class ServerAccounts {
    private static final Logger log = LoggerFactory.getLogger(ServerAccounts.class);

    private final Instance instance;

    ServerAccounts(Instance instance) {
        this.instance = instance;
    }

    /** As they are kept, read from the disk first if need be; {@code then} runs on {@code loop}. */
    public void kept(EventLoop loop, Consumer<AccountBook> then) {
        Learned learned = instance.learned();
        learned.accountsInMemory()
                .ifPresentOrElse(
                        then,
                        () -> instance.surroundings().background(() -> {
                            AccountBook book = learned.accounts();
                            loop.execute(() -> then.accept(book));
                        }));
    }

    /** Asked of the server anew where it runs; {@code then} runs on {@code loop}. */
    public void anew(EventLoop loop, Consumer<AccountBook> then) {
        read(Learned::learnAccounts, loop, then);
    }

    /** As they were a few seconds ago at most, where the server runs; {@code then} runs on {@code loop}. */
    public void recent(EventLoop loop, Consumer<AccountBook> then) {
        if (instance.learned().hasRecentAccounts()) {
            kept(loop, then);
        } else {
            read(Learned::learnRecentAccounts, loop, then);
        }
    }

    /** How they are read. */
    private interface Reading {
        void read(Learned learned, ServerWatch watch) throws IOException, InterruptedException;
    }

    private void read(Reading reading, EventLoop loop, Consumer<AccountBook> then) {
        instance.surroundings().background(() -> {
            OwnConnection own = instance.ownConnection();
            if (own.present() == null && instance.power() instanceof Power.Awake awake) {
                // just woken, and nobody has come to it yet
                own.replace(awake.server(), null, () -> instance.power() == awake);
            }
            ServerWatch present = own.present();
            try {
                if (present != null) {
                    reading.read(instance.learned(), present);
                }
            } catch (IOException e) {
                log.atWarn()
                        .addKeyValue("instance", instance.settings().name())
                        .log("the accounts could not be read anew: {}", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            AccountBook book = instance.learned().accounts();
            loop.execute(() -> then.accept(book));
        });
    }
}
