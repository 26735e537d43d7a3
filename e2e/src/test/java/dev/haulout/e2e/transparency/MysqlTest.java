package dev.haulout.e2e.transparency;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The client that runs the scripts, {@code mariadb-test}, called as the suite's own runner calls it, on a server that is
 * already there.
 */
final class MysqlTest {
    private static final Path HOME = Path.of("/usr/share/mysql/mysql-test");
    private static final Path CLIENT = Path.of("/usr/bin/mariadb-test");
    private static final String SOCKET = "client.sock";

    private final Path work;

    /**
     * @param work a folder for what scripts write; both client and server do, so anybody may write into what is made in it
     */
    MysqlTest(Path work) {
        this.work = work;
    }

    /** Whether Debian's package {@code mariadb-test} is installed. */
    static boolean isInstalled() {
        return Files.isExecutable(CLIENT) && Files.isDirectory(HOME.resolve("main"));
    }

    /** Where the scripts are. */
    static Path home() {
        return HOME;
    }

    /** Where the scripts' clients connect to, whoever listens there: so a path in a transcript is always the same. */
    Path socket() {
        return work.resolve(SOCKET);
    }

    /** Runs a script as root on database test. */
    Transcript run(Script script, Mode mode, Duration limit) throws IOException, InterruptedException {
        Path var = freshFolder();
        Path result = work.resolve("result");
        Files.deleteIfExists(result);
        Path said = work.resolve("said");
        Path options = writeOptions(mode);
        List<String> command = new ArrayList<>(List.of(
                CLIENT.toString(),
                "--defaults-file=" + options,
                "--silent",
                "--record",
                "--result-file=" + result,
                "--test-file=" + script.file(HOME),
                "--basedir=" + HOME + "/",
                "--suite-dir=" + script.suiteFolder(HOME) + "/",
                "--tmpdir=" + var.resolve("tmp"),
                "--logdir=" + var.resolve("log"),
                "--character-sets-dir=/usr/share/mysql/charsets",
                "--database=test",
                "--tail-lines=0"));
        command.addAll(mode.options());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(HOME.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().putAll(environment(mode, options, var));
        Process process = builder.start();
        int status;
        if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            status = process.exitValue();
        } else {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            status = Transcript.LATE;
        }
        byte[] text = Files.exists(result) ? Files.readAllBytes(result) : new byte[0];
        return new Transcript(status, text, new String(Files.readAllBytes(said), StandardCharsets.ISO_8859_1));
    }

    private Path freshFolder() throws IOException {
        Path var = work.resolve("var");
        if (Files.exists(var)) {
            try (Stream<Path> files = Files.walk(var)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
        for (Path folder : List.of(var, var.resolve("tmp"), var.resolve("log"), var.resolve("run"))) {
            Files.createDirectory(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        Files.createSymbolicLink(var.resolve("std_data"), HOME.resolve("std_data"));
        return var;
    }

    private Path writeOptions(Mode mode) throws IOException {
        Path file = work.resolve("client.cnf");
        String tls = mode == Mode.TLS ? "" : "loose-skip-ssl\n";
        Files.writeString(file, """
                [client]
                user=root
                socket=%s
                %s[mysql]
                default-character-set=latin1
                [mysqlshow]
                default-character-set=latin1
                [mysqlimport]
                default-character-set=latin1
                [mysqlcheck]
                default-character-set=latin1
                """.formatted(socket(), tls));
        return file;
    }

    /** What the suite's own runner tells scripts about the world. */
    private Map<String, String> environment(Mode mode, Path options, Path var) {
        String defaults = " --defaults-file=" + options;
        Map<String, String> environment = new HashMap<>();
        environment.put("LC_ALL", "C");
        environment.put("UMASK", "0660");
        environment.put("UMASK_DIR", "0770");
        environment.put("TZ", "GMT-3");
        environment.put("MYSQL_TEST_DIR", HOME.toString());
        environment.put("MYSQLTEST_VARDIR", var.toString());
        environment.put("MYSQLTEST_REAL_VARDIR", var.toString());
        environment.put("MYSQL_TMP_DIR", var.resolve("tmp").toString());
        environment.put("SECURE_LOAD_PATH", HOME.resolve("std_data").toString());
        environment.put("MYSQL_BINDIR", "/usr/bin");
        environment.put("MYSQL_SHAREDIR", "/usr/share/mysql");
        environment.put("MYSQL_CHARSETSDIR", "/usr/share/mysql/charsets");
        environment.put("MASTER_MYSOCK", socket().toString());
        environment.put("MASTER_MYPORT", "0");
        environment.put("DEFAULT_MASTER_PORT", "0");
        environment.put("PS_PROTOCOL", mode == Mode.PREPARED ? "1" : "0");
        for (String other : List.of("SP_PROTOCOL", "VIEW_PROTOCOL", "CURSOR_PROTOCOL", "NON_BLOCKING_API")) {
            environment.put(other, "0");
        }
        environment.put("MYSQL", "/usr/bin/mariadb" + defaults);
        environment.put("MYSQL_DUMP", "/usr/bin/mariadb-dump" + defaults);
        environment.put("MYSQL_CHECK", "/usr/bin/mariadb-check" + defaults);
        environment.put("MYSQL_SHOW", "/usr/bin/mariadb-show" + defaults);
        environment.put("MYSQL_IMPORT", "/usr/bin/mariadb-import" + defaults);
        environment.put("MYSQL_SLAP", "/usr/bin/mariadb-slap" + defaults);
        environment.put("MYSQLADMIN", "/usr/bin/mariadb-admin" + defaults);
        environment.put("MYSQL_TEST", CLIENT + defaults + " --silent --database=test");
        return environment;
    }
}
