package dev.haulout.proxy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.LoggerFactory;

/** Sets up the log: one line an event, as text or as JSON. */
public final class Logging {
    private Logging() {}

    /** To standard error. */
    public static void setUp(boolean json, Level level) {
        setUp(level, json ? LogLine::json : LogLine::text, System.err::println);
    }

    /** As text to where {@code lines} leads. */
    static void setUp(Level level, Consumer<String> lines) {
        setUp(level, LogLine::text, lines);
    }

    private static void setUp(Level level, Function<ILoggingEvent, String> form, Consumer<String> lines) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                lines.accept(form.apply(event));
            }
        };
        appender.setContext(context);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(Level.WARN);
        context.getLogger("dev.haulout").setLevel(level);
        // warns that our own resource is of a version with "alpha" in it
        context.getLogger("io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils")
                .setLevel(Level.ERROR);
    }
}
