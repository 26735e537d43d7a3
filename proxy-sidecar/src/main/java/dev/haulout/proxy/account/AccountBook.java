package dev.haulout.proxy.account;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * All accounts of one server and what they may USE, as last read from it. Answers as that server would after its next
 * start, when its tables alone count. Immutable.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.ANY,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        isGetterVisibility = JsonAutoDetect.Visibility.NONE)
public final class AccountBook {
    /** The privileges that exist for databases (the server's DB_ACLS); bit 39 exists from 11.3 on. */
    private static final long DATABASE_PRIVILEGES = 0x80_2DE7_3C3FL;

    /** Everybody has it, from 10.11 on. */
    private static final String PUBLIC = "PUBLIC";

    private static final int LONGEST_DATABASE_NAME = 64;

    /** The server's order: by user, then the more specific host first. */
    private static final Comparator<Account> ORDER = Comparator.comparing(
                    (Account account) -> account.user().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned)
            .thenComparing(Comparator.comparingLong((Account account) -> HostPattern.specificity(account.host()))
                    .reversed())
            .thenComparing(Comparator.comparing(Account::host).reversed());

    private final ServerSettings settings;
    private final List<Account> accounts;
    private final List<Role> roles;
    private final List<RoleGrant> roleGrants;
    private final Set<String> databases;
    private final List<Grant> grants;

    /** Whether there are accounts, databases and grants that are not known here. */
    @JsonIgnore
    private final boolean partial;

    @JsonCreator
    AccountBook(
            @JsonProperty("settings") ServerSettings settings,
            @JsonProperty("accounts") List<Account> accounts,
            @JsonProperty("roles") List<Role> roles,
            @JsonProperty("roleGrants") List<RoleGrant> roleGrants,
            @JsonProperty("databases") Set<String> databases,
            @JsonProperty("grants") List<Grant> grants) {
        this(settings, accounts, roles, roleGrants, databases, grants, false);
    }

    private AccountBook(
            ServerSettings settings,
            List<Account> accounts,
            List<Role> roles,
            List<RoleGrant> roleGrants,
            Set<String> databases,
            List<Grant> grants,
            boolean partial) {
        this.settings = Objects.requireNonNull(settings);
        this.accounts = accounts.stream().sorted(ORDER).toList();
        this.roles = List.copyOf(roles);
        this.roleGrants = List.copyOf(roleGrants);
        this.databases = new TreeSet<>(databases);
        this.grants = List.copyOf(grants);
        this.partial = partial;
    }

    /**
     * Reads a running server, MariaDB 10.6 or later. The reader's user must be able to SELECT from the tables of
     * {@code mysql} and see all databases.
     *
     * @throws IOException when a query fails, or answers with what isn't understood
     */
    public static AccountBook read(SqlReader reader) throws IOException {
        return AccountReader.read(reader);
    }

    /** No accounts at all: every login is refused. */
    public static AccountBook empty() {
        return new AccountBook(
                new ServerSettings(true, 0, false, false, 0, ""), List.of(), List.of(), List.of(), Set.of(), List.of());
    }

    /** Whether no account is known, which means that nothing is known: every server has some. */
    public boolean isEmpty() {
        return accounts.isEmpty();
    }

    /**
     * The accounts of a server that Haulout makes and that has not run yet: {@code root@localhost} for the operating
     * system's root, and the owner of one database, if any.
     *
     * @param version {@code @@version} of the server to come
     * @param owner of all of {@code database}, from anywhere; null for none
     * @param sha1sha1 {@code SHA1(SHA1(password))} of the owner
     */
    public static AccountBook beforeFirstStart(String version, String database, String owner, Secret sha1sha1) {
        Set<String> databases = new TreeSet<>(List.of("information_schema", "mysql", "performance_schema", "sys"));
        List<Account> accounts = new ArrayList<>();
        List<Grant> grants = new ArrayList<>();
        accounts.add(new Account(
                "root",
                "localhost",
                List.of(new AuthMethod.Unusable(ClientPlugin.NATIVE_PASSWORD), new AuthMethod.UnixSocket("")),
                new TlsRequirement.None(),
                false,
                -1,
                0,
                "",
                -1));
        if (owner != null) {
            databases.add(database);
            accounts.add(account(owner, new AuthMethod.NativePassword(sha1sha1)));
            grants.add(new Grant(owner, "%", literal(database), true));
        }
        return new AccountBook(
                new ServerSettings(true, 0, false, false, 0, version),
                accounts,
                List.of(),
                List.of(),
                databases,
                grants);
    }

    /**
     * One account of a server of which nothing else is known: {@code user}, who may use one database. Everybody else is
     * for the server to judge, and so is every other database.
     *
     * @param password in clear; may be empty
     * @param database one that the account may certainly use; empty for none
     */
    public static AccountBook ofOne(String user, Secret password, Optional<String> database) {
        Account known = account(user, new AuthMethod.KnownPassword(password));
        // accepts whoever is not named, as an account without a name does
        Account anybody = account("", new AuthMethod.Unverifiable("of its own"));
        return new AccountBook(
                new ServerSettings(true, 0, false, false, 0, ""),
                List.of(known, anybody),
                List.of(),
                List.of(),
                database.map(Set::of).orElse(Set.of()),
                database.map(name -> List.of(new Grant(user, "%", literal(name), true)))
                        .orElse(List.of()),
                true);
    }

    private static Account account(String user, AuthMethod method) {
        return new Account(user, "%", List.of(method), new TlsRequirement.None(), false, -1, 0, "", 0);
    }

    private static String literal(String database) {
        return database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%");
    }

    /** The server's settings that came with the accounts. */
    public ServerSettings settings() {
        return settings;
    }

    /** The accounts that the server would consider, in its own order. Those ignored for their host names are left out. */
    public List<Account> accounts() {
        return accounts;
    }

    /**
     * Whether any account might be used from there. If not, the server ends the connection with
     * {@link Refusal#hostNotAllowed} instead of a greeting.
     */
    public boolean allowsHost(ClientHost host) {
        return accounts.stream()
                .anyMatch(account -> HostPattern.covers(account.host(), host) || dependsOnName(account, host));
    }

    /** The account of exactly that name and that host pattern. */
    public Optional<Account> account(String user, String host) {
        return accounts.stream()
                .filter(account -> account.user().equals(user) && account.host().equals(host))
                .findFirst();
    }

    /**
     * The account that decides a login: of those with the user's name and those without a name whose host pattern covers
     * the client, the one with the most specific pattern; the named one of two alike.
     */
    public AccountChoice find(String user, ClientHost host) {
        AccountChoice named = first(user, host);
        if (user.isEmpty()) {
            return named;
        }
        AccountChoice anonymous = first("", host);
        return specificity(anonymous) > specificity(named) ? anonymous : named;
    }

    private AccountChoice first(String user, ClientHost host) {
        for (Account account : accounts) {
            if (account.user().equals(user)) {
                if (HostPattern.covers(account.host(), host)) {
                    return new AccountChoice.Chosen(account);
                }
                if (dependsOnName(account, host)) {
                    return new AccountChoice.NeedsName(account);
                }
            }
        }
        return new AccountChoice.NoAccount();
    }

    private static long specificity(AccountChoice choice) {
        return switch (choice) {
            case AccountChoice.Chosen(Account account) -> HostPattern.specificity(account.host());
            case AccountChoice.NeedsName(Account account) -> HostPattern.specificity(account.host());
            case AccountChoice.NoAccount _ -> Long.MIN_VALUE;
        };
    }

    private boolean dependsOnName(Account account, ClientHost host) {
        return !settings.skipNameResolve() && !host.local() && HostPattern.mayNeedName(account.host());
    }

    /**
     * An account to go through the motions of a login with, for a user who has none, always the same for the same name.
     * It's the one that the server would use, so that neither the plugin asked for nor a change of it between awake and
     * asleep tells which names exist.
     *
     * @return empty when the server has no accounts
     */
    Optional<Account> standIn(String user) {
        if (accounts.isEmpty()) {
            return Optional.empty();
        }
        // The hash of the server's latin1_swedish_ci, exact for ASCII, which folds case and ignores trailing spaces.
        long hash = 1;
        long step = 4;
        for (byte b : user.replaceFirst(" +$", "").getBytes(StandardCharsets.UTF_8)) {
            long weight = b >= 'a' && b <= 'z' ? b - 32 : b & 0xff;
            hash ^= ((hash & 63) + step) * weight + (hash << 8);
            step += 3;
        }
        return Optional.of(accounts.get((int) Long.remainderUnsigned(hash, accounts.size())));
    }

    /**
     * The role that a login activates: the account's default role, unless it doesn't exist or the user no longer has it.
     */
    public Optional<String> defaultRole(Account account, ClientHost host) {
        String role = account.defaultRole();
        boolean exists = roles.stream().anyMatch(known -> known.name().equals(role));
        boolean granted = roleGrants.stream()
                .anyMatch(grant -> grant.role().equals(role)
                        && !grant.host().isEmpty()
                        && grant.user().equals(account.user())
                        && HostPattern.covers(grant.host(), host));
        return exists && granted ? Optional.of(role) : Optional.empty();
    }

    /**
     * What the server would say to {@code USE database}.
     *
     * @param account the session's account
     * @param host where the session's client is: grants are matched against it, not against the account's pattern
     * @param currentRole the session's current role
     */
    public DatabaseUse mayUse(Account account, ClientHost host, Optional<String> currentRole, String database) {
        if (database.equalsIgnoreCase("information_schema")) {
            return new DatabaseUse.Allowed("information_schema");
        }
        if (!isPlainName(database)) {
            return new DatabaseUse.Unknown();
        }
        boolean ignoreCase = settings.lowerCaseTableNames() != 0;
        String name = ignoreCase ? database.toLowerCase(Locale.ROOT) : database;
        Set<String> active = activeRoles(currentRole);
        if (!hasGlobalPrivilege(account, active) && !hasGrant(account, host, active, name, ignoreCase)) {
            return partial || nameMightGrant(account, host, name, ignoreCase)
                    ? new DatabaseUse.Unknown()
                    : new DatabaseUse.AccessDenied(Refusal.databaseDenied(account, name));
        }
        boolean exists = ignoreCase ? databases.stream().anyMatch(name::equalsIgnoreCase) : databases.contains(name);
        return exists ? new DatabaseUse.Allowed(name) : new DatabaseUse.NoSuchDatabase(Refusal.noSuchDatabase(name));
    }

    /** Names with errors or a meaning of their own (1046, 1102, {@code #mysql50#...}) are the server's to judge. */
    private static boolean isPlainName(String database) {
        return !database.isEmpty()
                && database.length() <= LONGEST_DATABASE_NAME
                && !database.endsWith(" ")
                && !database.startsWith("#mysql50#")
                && database.chars().noneMatch(c -> c == 0 || Character.isSurrogate((char) c));
    }

    /** The current role, PUBLIC, and all roles granted to these, however deep. */
    private Set<String> activeRoles(Optional<String> currentRole) {
        Set<String> active = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(PUBLIC));
        currentRole.ifPresent(open::add);
        while (!open.isEmpty()) {
            String role = open.remove();
            if (active.add(role)) {
                roleGrants.stream()
                        .filter(grant -> grant.host().isEmpty() && grant.user().equals(role))
                        .forEach(grant -> open.add(grant.role()));
            }
        }
        return active;
    }

    private boolean hasGlobalPrivilege(Account account, Set<String> active) {
        return (account.access() & DATABASE_PRIVILEGES) != 0
                || roles.stream()
                        .anyMatch(role -> active.contains(role.name()) && (role.access() & DATABASE_PRIVILEGES) != 0);
    }

    private boolean hasGrant(Account account, ClientHost host, Set<String> active, String name, boolean ignoreCase) {
        return grants.stream()
                .filter(grant -> grant.host().isEmpty()
                        ? active.contains(grant.user())
                        : isFor(grant, account) && HostPattern.covers(grant.host(), host))
                .anyMatch(grant -> grant.covers(name, ignoreCase));
    }

    private boolean nameMightGrant(Account account, ClientHost host, String name, boolean ignoreCase) {
        return !settings.skipNameResolve()
                && !host.local()
                && grants.stream()
                        .anyMatch(grant -> isFor(grant, account)
                                && HostPattern.mayNeedName(grant.host())
                                && grant.covers(name, ignoreCase));
    }

    /** Rows of mysql.db without a user are for all; the other tables have no such rule. */
    private static boolean isFor(Grant grant, Account account) {
        return grant.user().equals(account.user())
                || (grant.onDatabase() && grant.user().isEmpty());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccountBook book
                && settings.equals(book.settings)
                && accounts.equals(book.accounts)
                && roles.equals(book.roles)
                && roleGrants.equals(book.roleGrants)
                && databases.equals(book.databases)
                && grants.equals(book.grants)
                && partial == book.partial;
    }

    @Override
    public int hashCode() {
        return Objects.hash(settings, accounts, roles, roleGrants, databases, grants);
    }

    /** Counts only. */
    @Override
    public String toString() {
        return "AccountBook[%d accounts, %d databases]".formatted(accounts.size(), databases.size());
    }
}
