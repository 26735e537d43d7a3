package dev.haulout.proxy.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/**
 * The two forms of a logged event. The pairs that come with it, such as {@code instance}, {@code session} and
 * {@code client}, are fields of their own in JSON; in text the instance stands before the message, and the message says
 * of the others what a reader needs.
 */
final class LogLine {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    private LogLine() {}

    /** For people. */
    static String text(ILoggingEvent event) {
        StringBuilder line =
                new StringBuilder("%s %-5s ".formatted(CLOCK.format(event.getInstant()), event.getLevel()));
        for (KeyValuePair pair : pairs(event)) {
            if (pair.key.equals("instance")) {
                line.append(pair.value).append(": ");
            }
        }
        line.append(event.getFormattedMessage());
        if (event.getThrowableProxy() != null) {
            line.append('\n')
                    .append(ThrowableProxyUtil.asString(event.getThrowableProxy())
                            .stripTrailing());
        }
        return line.toString();
    }

    /** For machines: one JSON object without line breaks. */
    static String json(ILoggingEvent event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        Instant at = event.getInstant();
        fields.put("time", at.toString());
        fields.put("level", event.getLevel().toString());
        fields.put("logger", event.getLoggerName());
        fields.put("message", event.getFormattedMessage());
        for (KeyValuePair pair : pairs(event)) {
            fields.putIfAbsent(pair.key, pair.value instanceof Number number ? number : String.valueOf(pair.value));
        }
        if (event.getThrowableProxy() != null) {
            fields.put(
                    "error",
                    ThrowableProxyUtil.asString(event.getThrowableProxy()).stripTrailing());
        }
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("text and numbers can always be written as JSON", e);
        }
    }

    private static List<KeyValuePair> pairs(ILoggingEvent event) {
        return event.getKeyValuePairs() == null ? List.of() : event.getKeyValuePairs();
    }
}
