package dev.haulout.crd.manifest;

import dev.haulout.crd.ClientTls;
import dev.haulout.crd.CronTimes;
import dev.haulout.crd.Durations;
import dev.haulout.crd.KeepAwake;
import dev.haulout.crd.ListenAddress;
import dev.haulout.crd.MariaDBInstanceSpec;
import dev.haulout.crd.PasswordSecret;
import dev.haulout.crd.PodSettings;
import dev.haulout.crd.ServerProcess;
import dev.haulout.crd.Sleep;
import java.util.Arrays;
import java.util.regex.Pattern;

/** The patterns of the schemas, each with words for a person whose text does not match it. */
enum TextForm {
    DURATION(Durations.PATTERN, "not a duration", "write for example 90s, 5m, 1h30m or 500ms"),
    LISTEN_ADDRESS(
            ListenAddress.PATTERN,
            "not an address to listen on",
            "write for example 127.0.0.1:3307, [::1]:3307 or unix:/run/shop.sock"),
    SQL_NAME(
            MariaDBInstanceSpec.NAME_PATTERN,
            "not a name the server takes",
            "write at least one character, no control characters, and no space at the end"),
    CERTIFICATES(
            ClientTls.CERTIFICATES_PATTERN,
            "not a certificate",
            "paste PEM: all from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"),
    RESOURCE_NAME(
            PasswordSecret.NAME_PATTERN,
            "not a name Kubernetes takes",
            "use lower-case letters, digits, '-' and '.', a letter or digit first and last"),
    NAMESPACE(
            "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            "not a namespace Kubernetes takes",
            "use lower-case letters, digits and '-', a letter or digit first and last"),
    SECRET_KEY(PasswordSecret.KEY_PATTERN, "not a key of a Secret", "use letters, digits, '-', '_' and '.'"),
    KEEP_ALIVE(
            Sleep.KEEP_ALIVE_PATTERN,
            "not a statement that can be a keep-alive",
            "begin it with SELECT or SHOW and a space, and use no double quotes, backslashes, comments or semicolons"),
    CRON(
            CronTimes.PATTERN,
            "not a time that comes again",
            "write minute, hour, day of the month, month and day of the week, such as 0 8 * * Mon-Fri"),
    TIME_ZONE(KeepAwake.ZONE_PATTERN, "not a time zone", "write for example Europe/Berlin or UTC"),
    UNSATISFIABLE(
            PodSettings.Spread.UNSATISFIABLE_PATTERN,
            "not what becomes of a pod",
            "write DoNotSchedule or ScheduleAnyway"),
    IMAGE_TAG(
            MariaDBInstanceSpec.TAG_PATTERN,
            "not a tag of an image",
            "write for example 11.8 or 11.8.6; letters, digits, '.', '_' and '-', a letter or digit first"),
    IMAGE(
            MariaDBInstanceSpec.IMAGE_PATTERN,
            "not a name of an image",
            "write for example registry.example/mariadb:11.8, without a space"),
    ABSOLUTE_PATH(
            ServerProcess.PATH_PATTERN,
            "not an absolute path",
            "begin it with / and name a place below the root directory"),
    OS_USER(
            ServerProcess.OS_USER_PATTERN,
            "not a user of an operating system",
            "use letters, digits, '-', '_' and '.', a letter or '_' first");

    private final String pattern;
    private final Pattern compiled;
    private final String problem;
    private final String remedy;

    TextForm(String pattern, String problem, String remedy) {
        this.pattern = pattern;
        // The API server's $ is the very end, Java's also stands before a last line break
        this.compiled = Pattern.compile(pattern.substring(0, pattern.length() - 1) + "\\z");
        this.problem = problem;
        this.remedy = remedy;
    }

    /** The form of a schema's pattern; an error when the pattern has no words here yet. */
    static TextForm ofPattern(String pattern) {
        return Arrays.stream(values())
                .filter(form -> form.pattern.equals(pattern))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no words are known for the pattern " + pattern));
    }

    boolean admits(String text) {
        return compiled.matcher(text).find();
    }

    String problem() {
        return problem;
    }

    String remedy() {
        return remedy;
    }
}
