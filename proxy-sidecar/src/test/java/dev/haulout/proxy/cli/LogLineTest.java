package dev.haulout.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogLineTest {
    private final ListAppender<ILoggingEvent> events = new ListAppender<>();
    private Logger log;

    @BeforeEach
    void listen() {
        LoggerContext context = new LoggerContext();
        log = context.getLogger("dev.haulout.test");
        log.addAppender(events);
        events.start();
    }

    private ILoggingEvent logged() {
        log.atWarn()
                .addKeyValue("instance", "default/shop")
                .addKeyValue("session", 2147483651L)
                .addKeyValue("client", "10.0.0.5:3312")
                .setCause(new IllegalStateException("broken \"pipe\"\nin two lines"))
                .log("login refused ({}): \"quoted\"\nand broken", "credentials");
        return events.list.getFirst();
    }

    @Test
    void textNamesTheInstanceFirst() {
        assertThat(LogLine.text(logged()))
                .contains(" WARN  default/shop: login refused (credentials)")
                .contains("IllegalStateException");
    }

    @Test
    void jsonIsOneLineWithTheFieldsOfTheEvent() throws Exception {
        String line = LogLine.json(logged());

        assertThat(line).doesNotContain("\n");
        JsonNode json = new ObjectMapper().readTree(line);
        assertThat(json.get("instance").asText()).isEqualTo("default/shop");
        assertThat(json.get("session").isNumber()).isTrue();
        assertThat(json.get("session").asLong()).isEqualTo(2147483651L);
        assertThat(json.get("client").asText()).isEqualTo("10.0.0.5:3312");
        assertThat(json.get("level").asText()).isEqualTo("WARN");
        assertThat(json.get("message").asText()).isEqualTo("login refused (credentials): \"quoted\"\nand broken");
        assertThat(json.get("error").asText()).contains("broken \"pipe\"");
    }
}
