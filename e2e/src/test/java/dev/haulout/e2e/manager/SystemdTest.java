package dev.haulout.e2e.manager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haulout.e2e.Program;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The units of {@code docs/operations.md}, by a systemd of their own: in a container that has this machine's programs and
 * nothing else of it.
 */
class SystemdTest {
    private static final Path DOCS = Path.of("..", "docs", "operations.md");
    private static final Pattern UNIT =
            Pattern.compile("```ini\n# (/etc/systemd/system/\\S+)\n(.*?)```", Pattern.DOTALL);
    private static final int RESTARTS = 3;
    private static final long LIMIT_SECONDS = 240;

    private Path root;

    @BeforeEach
    void makeRoot() throws IOException {
        assumeTrue(
                "root".equals(System.getProperty("user.name")) && Program.exists("systemd-nspawn"),
                "NOT SHOWN: systemd in a container needs root and the package systemd-container");
        assumeTrue(
                Program.exists("mariadb") && Files.isExecutable(Path.of("/usr/sbin/mariadbd")),
                "NOT SHOWN: MariaDB's server and client are not installed in /usr, which the container has");
        root = Files.createTempDirectory("hl-systemd");
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String folder :
                List.of("usr", "etc/systemd/system", "etc/haulout", "var/log", "proc", "sys", "dev", "run")) {
            Files.createDirectories(root.resolve(folder));
        }
        for (String folder : List.of("bin", "sbin", "lib", "lib64")) {
            Files.createSymbolicLink(root.resolve(folder), Path.of("usr", folder));
        }
        for (String file : List.of("os-release", "passwd", "group", "nsswitch.conf", "ld.so.cache")) {
            Files.copy(Path.of("/etc").resolve(file), root.resolve("etc").resolve(file));
        }
        write("etc/hosts", "127.0.0.1 localhost\n");
        write("etc/machine-id", "0123456789abcdef0123456789abcdef\n"); // so that nothing is set up at a first boot
        Files.createSymbolicLink(root.resolve("etc/systemd/system/tmp.mount"), Path.of("/dev/null"));
    }

    @AfterEach
    void removeRoot() throws IOException {
        if (root == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
        if (text.startsWith("#!")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @Test
    void theUnitsInTheDocsLoseNobodyWhoConnectsDuringRestarts() throws Exception {
        assertThat(UNIT.matcher(Files.readString(DOCS)).results().map(unit -> unit.group(1)))
                .containsExactly(
                        "/etc/systemd/system/haulout.service",
                        "/etc/systemd/system/haulout.socket",
                        "/etc/systemd/system/haulout.service.d/socket.conf");
        UNIT.matcher(Files.readString(DOCS)).results().forEach(unit -> {
            try {
                write(unit.group(1).substring(1), unit.group(2));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        write("opt/haulout/haulout", """
                #!/bin/sh
                exec '%s/bin/java' -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \\
                  --sun-misc-unsafe-memory-access=allow -Dio.netty.allocator.type=pooled \\
                  -cp '%s' dev.haulout.proxy.cli.Main "$@"
                """.formatted(
                        System.getProperty("java.home"), System.getProperty("java.class.path")));
        write("etc/haulout/shop.yaml", """
                apiVersion: haulout.dev/v1alpha1
                kind: MariaDBInstance
                metadata: {name: shop}
                spec:
                  database: app
                  user: app
                  passwordSecret: {name: shop-app}
                  host: {listen: ["127.0.0.1:3306", "unix:/run/haulout/shop.sock"]}
                ---
                apiVersion: v1
                kind: Secret
                metadata: {name: shop-app}
                stringData: {password: secret}
                """);
        write("etc/systemd/system/default.target", """
                [Unit]
                Requires=basic.target haulout.socket
                Wants=proof.service
                After=basic.target haulout.socket
                AllowIsolate=yes
                """);
        write("etc/systemd/system/proof.service", """
                [Unit]
                After=haulout.socket
                [Service]
                Type=oneshot
                ExecStart=-/proof/run
                ExecStart=/usr/bin/systemctl --no-block poweroff
                StandardOutput=file:/proof/out
                StandardError=inherit
                """);
        write("proof/run", """
                #!/bin/sh
                # the first client starts the service: nothing else does
                systemctl is-active haulout.service
                client="mariadb --no-defaults --user=app --password=secret --batch --skip-column-names app"
                tcp="$client --host=127.0.0.1 --port=3306"
                local="$client --socket=/run/haulout/shop.sock"
                $tcp -e 'CREATE TABLE t AS SELECT 42 AS answer'
                loop() {
                  while [ ! -e /proof/over ]; do
                    "$@" -e 'SELECT answer FROM t' || echo failed
                  done
                }
                loop $tcp & a=$!
                loop $tcp & b=$!
                loop $local & c=$!
                for restart in $(seq %d); do
                  sleep 2
                  systemctl restart haulout.service || echo "no restart"
                  systemctl show --property=SubState --property=Result --property=NRestarts haulout.service
                done
                sleep 1
                touch /proof/over
                wait $a $b $c
                systemctl stop haulout.service
                systemctl show --property=ExecMainStatus haulout.service
                timeout 60 $local -e 'SELECT 43 FROM t'
                journalctl --unit=haulout.service --output=cat >/proof/journal
                """.formatted(RESTARTS));

        String out = boot();

        List<String> lines = out.lines().toList();
        assertThat(lines).as("nothing ran before").startsWith("inactive").doesNotContain("failed", "no restart");
        assertThat(lines.stream().filter("42"::equals)).hasSizeGreaterThan(200);
        assertThat(lines.stream().filter("SubState=running"::equals)).hasSize(RESTARTS);
        assertThat(lines)
                .contains("Result=success", "NRestarts=0", "ExecMainStatus=0")
                .endsWith("43");
        System.out.printf(
                "%d connections over %d restarts by systemd, all answered%n",
                lines.stream().filter("42"::equals).count(), RESTARTS);
    }

    /** Starts the machine and waits until it has switched itself off; what it wrote. */
    private String boot() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "systemd-nspawn",
                "--quiet",
                "--register=no",
                "--keep-unit",
                "--boot",
                "--private-network",
                "--directory=" + root,
                "--bind-ro=/usr",
                "--bind-ro=" + System.getProperty("java.home")));
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (Files.exists(Path.of(part))) {
                command.add("--bind-ro=" + part);
            }
        }
        Path console = root.resolve("console");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(console.toFile());
        builder.environment().put("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
        Process machine = builder.start();
        try {
            boolean ended = machine.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            Path out = root.resolve("proof/out");
            Path journal = root.resolve("proof/journal");
            String told = Files.exists(out) ? Files.readString(out) : "";
            assertThat(ended && told.lines().count() > RESTARTS)
                    .as(
                            "%s%n%s%n%s",
                            told, Files.exists(journal) ? Files.readString(journal) : "", Files.readString(console))
                    .isTrue();
            return told;
        } finally {
            machine.destroy();
            machine.waitFor();
        }
    }
}
