package dev.haulout.proxy.wake;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.AccountFile;
import dev.haulout.proxy.account.AuthMethod;
import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.DamagedAccountFileException;
import dev.haulout.proxy.account.Outcome;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.durable.Shelf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is kept of a server for the time it sleeps: its accounts, what it greets with, and the globals that
 * somebody had changed. Read when first needed; a sleeping instance that nobody knocks at keeps nothing in memory.
 */
public final class Learned {
    private static final Logger log = LoggerFactory.getLogger(Learned.class);
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /** Under which names it lies on the shelf. */
    public static final String ACCOUNTS = "accounts.json";

    /** What it greets with, and the globals that were changed. */
    public static final String IDENTITY = "learned.json";

    /** For how long an account may be taken to be as it was read. */
    private static final Duration MOST_RECENT = Duration.ofSeconds(10);

    /** What the server's event scheduler is to do next. */
    private static final String EVENT = "event.json";

    private final AccountFile accountFile;
    private final Shelf shelf;
    private final Supplier<AccountBook> accountsBeforeFirstStart;
    private final Supplier<Optional<String>> rootPassword;

    private volatile ServerIdentity identity;
    private volatile Map<String, String> changedGlobals = Map.of();
    private volatile boolean settled = true;
    private volatile AccountBook accounts;
    private volatile long accountsReadAt = System.nanoTime() - MOST_RECENT.toNanos();
    private volatile String digest;
    private final SharedIdentities shared;

    /** {@code settled} says that nothing can have changed since: the server was asked last thing before it slept. */
    private record Content(ServerIdentity identity, Map<String, String> changedGlobals, boolean settled) {}

    /** Both null for none. */
    private record KeptEvent(String name, String at) {}

    /**
     * @param shelf the instance's own
     * @param atFirst what to greet with before any such server ever ran
     * @param shared what was learnt from other servers of the same program and configuration
     * @param accountsBeforeFirstStart the accounts that the first start will make
     * @param rootPassword by which root@localhost is logged in once the door has checked its uid; empty for none
     * @throws IOException when what was kept can't be read
     */
    public Learned(
            Shelf shelf,
            ServerIdentity atFirst,
            SharedIdentities shared,
            Supplier<AccountBook> accountsBeforeFirstStart,
            Supplier<Optional<String>> rootPassword)
            throws IOException {
        this.shelf = shelf;
        this.accountFile = new AccountFile(shelf, ACCOUNTS);
        this.accountsBeforeFirstStart = accountsBeforeFirstStart;
        this.rootPassword = rootPassword;
        this.digest = atFirst.learntFrom();
        this.shared = shared;
        this.identity = atFirst;
        reread();
    }

    /** Takes what lies on the shelf now, where somebody else has put it there. */
    public synchronized void reread() throws IOException {
        Optional<byte[]> kept = shelf.read(IDENTITY);
        if (kept.isPresent()) {
            Content content = JSON.readValue(kept.get(), Content.class);
            identity = content.identity();
            changedGlobals = content.changedGlobals();
            settled = content.settled();
        }
        accounts = null;
    }

    /** What to greet with. */
    public ServerIdentity identity() {
        if (!identity.learntFrom().equals(digest) || identity.globals().isEmpty()) {
            adoptShared();
        }
        return identity;
    }

    /** Another server of the same program and configuration was asked meanwhile. */
    private void adoptShared() {
        try {
            if (changedGlobals.isEmpty()) {
                shared.find(digest).ifPresent(found -> identity = found);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What its event scheduler was to do next when it fell asleep. Blocks. */
    public Optional<DueEvent> nextEvent() throws IOException {
        Optional<byte[]> kept = shelf.read(EVENT);
        if (kept.isEmpty()) {
            return Optional.empty();
        }
        KeptEvent event = JSON.readValue(kept.get(), KeptEvent.class);
        return event.name() == null
                ? Optional.empty()
                : Optional.of(new DueEvent(event.name(), Instant.parse(event.at())));
    }

    /** Keeps what its event scheduler is to do next, where whoever keeps it wakes the server for that. Blocks. */
    synchronized void nextEvent(Optional<DueEvent> next) throws IOException {
        if (!next.equals(nextEvent())) {
            KeptEvent event = next.map(due -> new KeptEvent(due.name(), due.at().toString()))
                    .orElse(new KeptEvent(null, null));
            shelf.write(EVENT, JSON.writeValueAsBytes(event));
        }
    }

    /** Whether this server was asked last thing before it ended; not so when it crashed. */
    public boolean isSettled() {
        return settled;
    }

    /** Whether such a server has been asked about itself since its program or its configuration last changed. */
    public boolean isKnown() {
        ServerIdentity present = identity();
        return !present.globals().isEmpty() && present.learntFrom().equals(digest);
    }

    /** Tells programs and configurations apart. */
    public String digest() {
        return digest;
    }

    /** Globals that somebody had changed when it fell asleep, as SQL literals. */
    public Map<String, String> changedGlobals() {
        return changedGlobals;
    }

    /** The accounts as last read; reads them from the disk where nobody needed them lately. May block. */
    public AccountBook accounts() {
        AccountBook book = accounts;
        if (book == null) {
            book = load();
            accounts = book;
        }
        return book;
    }

    /** The accounts, where they need not be read from the disk. */
    Optional<AccountBook> accountsInMemory() {
        return Optional.ofNullable(accounts);
    }

    /** Nobody needs the accounts for now: they stay on the disk. */
    void forgetAccounts() {
        accounts = null;
    }

    private AccountBook load() {
        try {
            return accountFile.read().orElseGet(accountsBeforeFirstStart);
        } catch (DamagedAccountFileException e) {
            log.error("{}; until then logins at the sleeping door are refused", e.getMessage());
            return AccountBook.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The door's own way in for a client that was vouched for by the operating system; empty where there is none, and
     * then only the client itself can log in.
     */
    public Optional<Credential> doorCredential(Outcome.Accepted accepted) {
        boolean root = accepted.account().user().equals("root")
                && accepted.account().host().equals("localhost")
                && accepted.method() instanceof AuthMethod.UnixSocket;
        return root
                ? rootPassword
                        .get()
                        .map(password ->
                                new Credential.ClearPassword(Secret.of(password.getBytes(StandardCharsets.UTF_8))))
                : Optional.empty();
    }

    /** Reads a server that just came up, or whose accounts may have changed. Blocks. */
    public synchronized void learn(ServerWatch watch) throws IOException, InterruptedException {
        ServerIdentity now = watch.identity(digest);
        boolean changed =
                settled || !now.equals(identity) || shelf.read(IDENTITY).isEmpty();
        learnAccounts(watch);
        identity = now;
        settled = false;
        if (changed) {
            write();
        }
        if (changedGlobals.isEmpty()) {
            shared.keep(now);
        }
    }

    /** Takes what a gateway tells of the server behind it. How many connections that takes is the gateway's to watch. */
    public synchronized void told(ServerIdentity told) {
        ServerIdentity now = new ServerIdentity(
                told.version(), told.capabilities(), told.collation(), told.globals(), Integer.MAX_VALUE, digest);
        if (!now.equals(identity)) {
            identity = now;
        }
    }

    /** The server's program or configuration will be another from its next start on. */
    public void expect(String digest) {
        this.digest = digest;
    }

    /** Reads it for the last time before it sleeps: nothing can change after that. Blocks. */
    public synchronized void learnFinally(ServerWatch watch) throws IOException, InterruptedException {
        Map<String, String> globals = new LinkedHashMap<>(watch.changedGlobals());
        learn(watch);
        if (!globals.equals(changedGlobals)) {
            changedGlobals = globals;
            write();
        }
    }

    /** The server is about to stop, and was asked for the last time. Blocks. */
    public synchronized void settle() throws IOException {
        settled = true;
        write();
    }

    /** Whether the accounts were read from the running server in the last {@link #MOST_RECENT}. */
    boolean hasRecentAccounts() {
        return System.nanoTime() - accountsReadAt < MOST_RECENT.toNanos();
    }

    /** Reads the accounts alone, unless somebody has just done it. Blocks. */
    synchronized void learnRecentAccounts(ServerWatch watch) throws IOException, InterruptedException {
        if (!hasRecentAccounts()) {
            learnAccounts(watch);
        }
    }

    /** Reads the accounts alone. Blocks. */
    synchronized void learnAccounts(ServerWatch watch) throws IOException, InterruptedException {
        long began = System.nanoTime();
        AccountBook book = watch.accounts();
        if (!book.equals(accounts)) {
            accountFile.write(book);
        }
        accounts = book;
        accountsReadAt = began;
    }

    private void write() throws IOException {
        shelf.write(IDENTITY, JSON.writeValueAsBytes(new Content(identity, changedGlobals, settled)));
    }
}
