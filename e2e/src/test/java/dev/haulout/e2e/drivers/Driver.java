package dev.haulout.e2e.drivers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The drivers of the matrix: how each one's client program is called, and how to see that the driver is there. */
enum Driver {
    NODE_MYSQL2("Node mysql2", node("mysql2", "query"), nodeProbe("mysql2")),
    NODE_MYSQL2_PREPARED("Node mysql2, prepared", node("mysql2", "execute"), nodeProbe("mysql2")),
    NODE_MYSQL("Node mysql", node("mysql", "query"), nodeProbe("mysql")),
    NODE_MARIADB("Node mariadb", node("mariadb/callback", "query"), nodeProbe("mariadb")),
    NODE_MARIADB_PREPARED("Node mariadb, prepared", node("mariadb/callback", "execute"), nodeProbe("mariadb")),
    JAVA_MARIADB("Java MariaDB Connector/J", jdbc("mariadb", ""), List.of()),
    JAVA_MARIADB_PREPARED("Java MariaDB Connector/J, prepared", jdbc("mariadb", "useServerPrepStmts=true"), List.of()),
    JAVA_MARIADB_UNCACHED(
            "Java MariaDB Connector/J, prepared, no metadata kept",
            jdbc("mariadb", "useServerPrepStmts=true&enableSkipMeta=false"),
            List.of()),
    JAVA_MYSQL("Java MySQL Connector/J", jdbc("mysql", ""), List.of()),
    JAVA_MYSQL_PREPARED("Java MySQL Connector/J, prepared", jdbc("mysql", "useServerPrepStmts=true"), List.of()),
    PYTHON_PYMYSQL("Python PyMySQL", python("pymysql"), pythonProbe("pymysql")),
    PYTHON_MYSQLDB("Python mysqlclient", python("MySQLdb"), pythonProbe("MySQLdb")),
    CLI_MARIADB("mariadb command line client", List.of("sh", script("mariadb.sh")), List.of("mariadb", "--version")),
    PHP_MYSQLI("PHP mysqli", List.of("php", script("mysqli.php"), "query"), phpProbe("mysqli")),
    PHP_MYSQLI_PREPARED("PHP mysqli, prepared", List.of("php", script("mysqli.php"), "execute"), phpProbe("mysqli")),
    PHP_PDO("PHP PDO", List.of("php", script("pdo.php")), phpProbe("pdo_mysql")),
    PERL_MARIADB("Perl DBD::MariaDB", perl("MariaDB"), perlProbe("MariaDB")),
    PERL_MYSQL("Perl DBD::mysql", perl("mysql"), perlProbe("mysql"));

    /** Where {@code ./haulout test} installs the Node drivers; tests run in the module's folder. */
    private static final Path NODE_MODULES = Path.of("..", ".haulout", "drivers", "node_modules")
            .toAbsolutePath()
            .normalize();

    private final String label;
    private final List<String> command;
    private final List<String> probe;

    Driver(String label, List<String> command, List<String> probe) {
        this.label = label;
        this.command = command;
        this.probe = probe;
    }

    private static String script(String name) {
        return Path.of("drivers", name).toString();
    }

    private static List<String> node(String module, String method) {
        return List.of("node", script("node.js"), module, method);
    }

    private static List<String> nodeProbe(String module) {
        return List.of("node", "-e", "require.resolve('" + module + "')");
    }

    private static List<String> python(String module) {
        return List.of("/usr/bin/python3", script("client.py"), module);
    }

    private static List<String> pythonProbe(String module) {
        return List.of("/usr/bin/python3", "-c", "import " + module);
    }

    private static List<String> phpProbe(String extension) {
        return List.of("php", "-r", "exit((int) !extension_loaded('" + extension + "'));");
    }

    private static List<String> perl(String driver) {
        return List.of("perl", script("client.pl"), driver);
    }

    private static List<String> perlProbe(String driver) {
        return List.of("perl", "-MDBD::" + driver, "-e", "1");
    }

    private static List<String> jdbc(String scheme, String options) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                JdbcClient.class.getName(),
                scheme,
                options);
    }

    /** The name of this driver's own instance. */
    String instance() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Why the driver cannot be tried here; empty when it can. */
    String missing() throws InterruptedException {
        if (probe.isEmpty()) {
            return "";
        }
        String hint = " (./haulout test installs it on Debian and Ubuntu as root; Node's drivers need npm)";
        return runs(probe) ? "" : this + " is not installed: " + String.join(" ", probe) + " fails" + hint;
    }

    /** Whether a command can be run, and succeeds. */
    static boolean runs(List<String> command) throws InterruptedException {
        try {
            Process asked = builder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return asked.waitFor() == 0;
        } catch (IOException isNotThere) {
            return false;
        }
    }

    /** Starts the driver's client, which connects at once to the door at a port of the loopback address. */
    Client connect(int port, Path errors) throws IOException {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of("127.0.0.1", Integer.toString(port), "app", "secret", "app"));
        return new Client(label, builder(whole), errors);
    }

    /** A command that finds Node's drivers. */
    static ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("NODE_PATH", NODE_MODULES.toString());
        return builder;
    }

    @Override
    public String toString() {
        return label;
    }
}
