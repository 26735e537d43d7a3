package dev.haulout.proxy.scripted;

import dev.haulout.proxy.account.Credential;
import dev.haulout.proxy.account.Secret;
import dev.haulout.proxy.lua.script.Client;
import dev.haulout.proxy.lua.script.Handlers;
import dev.haulout.proxy.lua.script.Verdict;
import dev.haulout.proxy.protocol.HandshakeResponse;
import dev.haulout.proxy.protocol.SqlError;
import dev.haulout.proxy.session.Guide;
import dev.haulout.proxy.wake.Instance;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.luaj.vm2.LuaError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leads the clients of one {@code mysql_listen} as its callbacks say. */
final class ScriptGuide implements Guide {
    private static final Logger log = LoggerFactory.getLogger("dev.haulout.script");

    /** What a client is told of a script's failure; the log says more. */
    private static final String FAILED = "Lua error";

    private final Handlers handlers;
    private final Nodes nodes;
    private final Visits visits;
    private final boolean allowCleartext;

    /**
     * @param nodes turns addresses into instances, and watches clusters
     * @param visits those of all listeners
     * @param allowCleartext whether a password may be asked for where others could listen
     */
    ScriptGuide(Handlers handlers, Nodes nodes, Visits visits, boolean allowCleartext) {
        this.handlers = handlers;
        this.nodes = nodes;
        this.visits = visits;
        this.allowCleartext = allowCleartext;
    }

    @Override
    public Visit visit(Visitor visitor) {
        return new ScriptVisit(visitor, handlers.client(Facts.of(visitor.address())));
    }

    private final class ScriptVisit implements Visit {
        private final Visitor visitor;
        private final Client client;
        private volatile Handlers.Pending pending;
        private volatile Nodes.Led led;

        ScriptVisit(Visitor visitor, Client client) {
            this.visitor = visitor;
            this.client = client;
            visits.add(visitor, client);
        }

        @Override
        public void arrived(Consumer<Reception> then) {
            if (!handlers.has("on_connect")) {
                then.accept(new Reception.Greeted(Optional.of(client.serverVersion())));
                return;
            }
            decided(
                    handlers.onConnect(client),
                    verdict -> then.accept(
                            switch (verdict) {
                                case Verdict.GoOn goOn -> new Reception.Greeted(Optional.of(client.serverVersion()));
                                case Verdict.Refuse refuse -> new Reception.Refused(beforeLogin(refuse.message()));
                                default -> new Reception.Refused(beforeLogin(failed("on_connect", verdict)));
                            }));
        }

        @Override
        public void asked(HandshakeResponse response, Consumer<Lead> then) {
            Handlers.Pending call = handlers.onHandshakeResponse(
                    client,
                    response.user(),
                    Optional.of(response.database()).filter(name -> !name.isEmpty()),
                    this::password);
            decided(call, verdict -> {
                switch (verdict) {
                    case Verdict.Connect connect -> lead(connect, then);
                    case Verdict.Refuse refuse -> then.accept(new Lead.Refused(beforeLogin(refuse.message())));
                    default -> then.accept(new Lead.Refused(beforeLogin(failed("on_handshake_response", verdict))));
                }
            });
        }

        private CompletionStage<String> password() {
            CompletableFuture<String> said = new CompletableFuture<>();
            visitor.askPassword(
                    allowCleartext,
                    password -> password.ifPresentOrElse(
                            bytes -> said.complete(new String(bytes, StandardCharsets.UTF_8)),
                            () -> said.completeExceptionally(
                                    new LuaError("the password can't be asked for: others could listen. Clients may"
                                            + " come by TLS, a unix socket or loopback, or set allow_cleartext for"
                                            + " this listener"))));
            return said;
        }

        private void lead(Verdict.Connect connect, Consumer<Lead> then) {
            Verdict.Login login = connect.login();
            nodes.lead(connect.target(), client.account(), connect.readOnly()).thenAccept(way -> {
                led = way;
                then.accept(new Lead.To(
                        way.instances(), login.user(), login.database().orElse(""), credential(login)));
            });
        }

        @Override
        public void loggedIn(Instance instance, String version, Consumer<Boolean> then) {
            client.serverVersion(version);
            led.arrived(instance, visitor);
            if (!handlers.has("on_command_phase")) {
                then.accept(true);
                return;
            }
            decided(handlers.onCommandPhase(client), verdict -> {
                if (!(verdict instanceof Verdict.GoOn)) {
                    failed("on_command_phase", verdict);
                }
                then.accept(verdict instanceof Verdict.GoOn);
            });
        }

        @Override
        public boolean choosesDatabases() {
            return handlers.has("on_init_db");
        }

        @Override
        public void database(String name, Consumer<Choice> then) {
            decided(
                    handlers.onInitDb(client, name),
                    verdict -> then.accept(
                            switch (verdict) {
                                case Verdict.UseDatabase use -> new Choice.Use(use.name());
                                case Verdict.Refuse refuse ->
                                    new Choice.Refused(new SqlError(1044, "42000", refuse.message()));
                                default ->
                                    new Choice.Refused(new SqlError(1044, "42000", failed("on_init_db", verdict)));
                            }));
        }

        @Override
        public void left() {
            visits.remove(visitor);
            client.gone();
            if (led != null) {
                led.left(visitor);
            }
            if (pending != null) {
                pending.cancel();
            }
        }

        private void decided(Handlers.Pending call, Consumer<Verdict> then) {
            pending = call;
            call.verdict().whenComplete((verdict, fault) -> {
                pending = null;
                if (fault == null) {
                    then.accept(verdict);
                } else if (!(fault instanceof CancellationException)) {
                    then.accept(new Verdict.Failed(String.valueOf(fault.getMessage())));
                }
            });
        }

        private String failed(String callback, Verdict verdict) {
            String why = verdict instanceof Verdict.Failed failed ? failed.why() : "it may not return that";
            log.atError()
                    .addKeyValue("client", visitor.address().text())
                    .addKeyValue("account", client.account().orElse(null))
                    .log("{}: {}", callback, why);
            return FAILED;
        }
    }

    private static SqlError beforeLogin(String message) {
        return new SqlError(1043, "08S01", message);
    }

    private static Optional<Credential> credential(Verdict.Login login) {
        if (login.untouched()) {
            return Optional.empty();
        }
        if (login.passwordSha1().isPresent() && login.password().isEmpty()) {
            return Optional.of(
                    new Credential.HashedPassword(Secret.of(login.passwordSha1().get())));
        }
        String password = login.password().orElse("");
        return Optional.of(
                password.isEmpty()
                        ? new Credential.EmptyPassword()
                        : new Credential.ClearPassword(Secret.of(password.getBytes(StandardCharsets.UTF_8))));
    }
}
