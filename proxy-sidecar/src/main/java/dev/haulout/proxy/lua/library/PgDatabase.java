package dev.haulout.proxy.lua.library;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.LuaCall;
import dev.haulout.proxy.lua.LuaEngine;
import dev.haulout.proxy.lua.LuaObject;
import dev.haulout.proxy.postgres.ConnectionInfo;
import dev.haulout.proxy.postgres.PgConnection;
import dev.haulout.proxy.postgres.PgException;
import dev.haulout.proxy.postgres.PgResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/**
 * A database of pg:new: one connection, made when it is first needed and again when it breaks; queries wait in line. All
 * of its state belongs to the engine's thread.
 */
final class PgDatabase extends LuaObject {
    private static final long RETRY_SECONDS = 10;

    private final LuaEngine engine;
    private final Consumer<String> log;
    private final String connectionInfo;
    private final String schema;
    private final LuaValue execute;
    private final LuaValue listen;

    private final Deque<Query> queue = new ArrayDeque<>();
    private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
    private PgConnection connection;
    private boolean connecting;
    private Query running;
    /** Counts connections, so that what is told of an old one is known as such. */
    private int generation;

    PgDatabase(LuaEngine engine, Consumer<String> log, String connectionInfo, String schema) {
        this.engine = engine;
        this.log = log;
        this.connectionInfo = connectionInfo;
        this.schema = schema;
        this.execute = Library.wait(engine.machine(), "execute", this::execute);
        this.listen = Library.function(engine.machine(), "listen", this::listen);
        engine.onClose(() -> {
            PgConnection open = connection;
            if (open != null) {
                open.close();
            }
        });
    }

    private record Query(byte[] sql, List<byte[]> parameters, CompletableFuture<Varargs> result) {}

    /** A notification's function; what comes while it runs makes for one more run. */
    private static final class Subscription {
        private final LuaValue function;
        private LuaCall call;
        private boolean again;

        Subscription(LuaValue function) {
            this.function = function;
        }
    }

    @Override
    protected LuaValue read(String name) {
        return switch (name) {
            case "execute" -> execute;
            case "listen" -> listen;
            default -> LuaValue.NIL;
        };
    }

    private CompletableFuture<Varargs> execute(Args args) {
        Query query = new Query(
                statement(args), args.isNil(3) ? null : PgLibrary.parameters(args, 3), new CompletableFuture<>());
        queue.add(query);
        engine.execute(this::pump);
        return query.result;
    }

    private Varargs listen(Args args) {
        String name = args.text(2);
        Subscription subscription = new Subscription(args.function(3));
        if (subscriptions.putIfAbsent(name, subscription) != null) {
            throw new LuaError("Duplicate notify name");
        }
        if (connection == null) {
            engine.execute(this::connect);
        } else {
            queue.add(new Query(utf8(listenTo(name)), null, new CompletableFuture<>()));
            engine.execute(this::pump);
        }
        return LuaValue.NONE;
    }

    private static byte[] statement(Args args) {
        byte[] sql = args.bytes(2);
        for (byte b : sql) {
            if (b == 0) {
                throw new LuaError("a statement can't contain a NUL byte");
            }
        }
        return sql;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String listenTo(String name) {
        return "LISTEN " + quoted(name);
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    /** Sends the next query, when there is one and the way is free. */
    private void pump() {
        while (!queue.isEmpty() && queue.peek().result.isCancelled()) {
            queue.remove();
        }
        if (queue.isEmpty() || running != null || connecting) {
            return;
        }
        if (connection == null) {
            connect();
            return;
        }
        Query query = queue.remove();
        running = query;
        int of = generation;
        connection
                .query(query.sql, query.parameters)
                .whenComplete((result, error) -> engine.execute(() -> {
                    if (of == generation) {
                        running = null;
                    }
                    query.result.complete(answer(result, error));
                    pump();
                }));
    }

    /** Nothing at all when the connection broke under the query: nobody knows what became of it. */
    private Varargs answer(PgResult result, Throwable error) {
        if (error == null) {
            return new PgRows(engine.machine(), result);
        }
        return error instanceof PgException ? Background.failure(error.getMessage()) : LuaValue.NONE;
    }

    private void connect() {
        if (connecting || connection != null) {
            return;
        }
        connecting = true;
        generation++;
        int of = generation;
        List<String> setUp =
                subscriptions.keySet().stream().map(PgDatabase::listenTo).toList();
        Thread.ofVirtual().name("postgres-connect").start(() -> {
            try {
                PgConnection made = PgConnection.open(
                        ConnectionInfo.parse(connectionInfo),
                        name -> engine.execute(() -> notified(name)),
                        why -> engine.execute(() -> broken(of, why)));
                try {
                    if (!schema.isEmpty()) {
                        await(made, "SET SCHEMA '" + schema.replace("'", "''") + "'");
                    }
                    for (String statement : setUp) {
                        await(made, statement);
                    }
                } catch (IOException e) {
                    made.close();
                    throw e;
                }
                engine.execute(() -> connected(made, setUp));
            } catch (IOException | IllegalArgumentException e) {
                engine.execute(() -> failed(e));
            }
        });
    }

    private static void await(PgConnection connection, String sql) throws IOException {
        try {
            connection.query(utf8(sql), null).join();
        } catch (java.util.concurrent.CompletionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        }
    }

    private void connected(PgConnection made, List<String> listening) {
        connecting = false;
        connection = made;
        for (Map.Entry<String, Subscription> one : subscriptions.entrySet()) {
            if (!listening.contains(listenTo(one.getKey()))) {
                queue.addFirst(new Query(utf8(listenTo(one.getKey())), null, new CompletableFuture<>()));
            }
        }
        pump();
    }

    private void failed(Exception why) {
        connecting = false;
        log.accept("pg: " + why.getMessage());
        for (Query query : List.copyOf(queue)) {
            query.result.complete(Background.failure(why.getMessage()));
        }
        queue.clear();
        retryLater();
    }

    /** Only for notifications: a query connects by itself. */
    private void retryLater() {
        if (!subscriptions.isEmpty()) {
            CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS, engine)
                    .execute(this::connect);
        }
    }

    private void broken(int of, IOException why) {
        if (of != generation) {
            return;
        }
        log.accept("pg: connection lost: " + why.getMessage());
        connection = null;
        running = null;
        if (!queue.isEmpty() || !subscriptions.isEmpty()) {
            connect();
        }
    }

    private void notified(String name) {
        Subscription subscription = subscriptions.get(name);
        if (subscription == null) {
            return;
        }
        if (subscription.call != null) {
            subscription.again = true;
            return;
        }
        subscription.call = engine.call(subscription.function);
        subscription.call.result().whenComplete((_, error) -> {
            if (error != null) {
                log.accept("pg: notification " + name + ": " + error.getMessage());
            }
            subscription.call = null;
            if (subscription.again) {
                subscription.again = false;
                notified(name);
            }
        });
    }
}
