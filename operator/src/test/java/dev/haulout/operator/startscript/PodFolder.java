package dev.haulout.operator.startscript;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What the start script finds in a pod, below a folder of its own: volume, mounts, an image's programs. */
final class PodFolder implements AutoCloseable {
    /** As a file: on the class path of the tests another lies in its place. */
    private static final Path SCRIPT = Path.of("src/main/resources/dev/haulout/operator/start");

    private static final String ENTRYPOINT = "/dev/haulout/operator/startscript/docker-entrypoint.sh";

    private final Path root;
    private final int port;
    private final Map<String, String> environment = new HashMap<>();
    private final List<Process> started = new ArrayList<>();

    private PodFolder(Path root, int port) {
        this.root = root;
        this.port = port;
    }

    /**
     * A pod with an empty volume and the instruction to initialise it.
     *
     * @param certificates a folder with {@code tls.crt}, {@code tls.key} and {@code ca.crt}
     */
    static PodFolder make(Path certificates) throws Exception {
        PodFolder pod = new PodFolder(Files.createTempDirectory("haulout-pod"), freePort());
        for (String folder : List.of(
                "var/lib/mysql",
                "run/mysqld",
                "tmp",
                "bin",
                "docker-entrypoint-initdb.d",
                "haulout/start",
                "haulout/announce",
                "haulout/tls")) {
            Files.createDirectories(pod.root.resolve(folder));
        }
        for (String file : List.of("tls.crt", "tls.key", "ca.crt")) {
            Files.copy(certificates.resolve(file), pod.path("haulout/tls/" + file));
        }
        pod.write("haulout/announce/token", "the-token\n");
        pod.write("haulout/start/start", Files.readString(SCRIPT));
        pod.write("haulout/start/my.cnf", "[mariadbd]\ninnodb-log-file-size=8M\nloose-bind-address=127.0.0.2\n");
        pod.write("docker-entrypoint-initdb.d/accounts.sql", "CREATE USER app@'%' IDENTIFIED BY 'secret';\n");
        pod.writeProgram("docker-entrypoint.sh", resource(ENTRYPOINT));
        // the port is the script's own; here other servers may have it
        pod.writeProgram("mariadbd", "#!/bin/bash\nexec " + installedServer() + " \"$@\" --port=" + pod.port + "\n");
        pod.environment.put("HAULOUT_ROOT", pod.root.toString());
        pod.environment.put("PATH", pod.path("bin") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        pod.environment.put("HAULOUT_INSTANCE_UID", "uid-1");
        pod.environment.put("HAULOUT_POD_IP", "10.0.0.7");
        pod.environment.put("HAULOUT_GATEWAYS", "");
        pod.environment.put("HAULOUT_PROXY_NETWORKS", "");
        pod.instruct("initialise first");
        pod.own();
        return pod;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static Path installedServer() {
        return Stream.of("/usr/sbin", "/usr/bin", "/usr/libexec", "/usr/local/bin", "/usr/local/sbin")
                .map(folder -> Path.of(folder, "mariadbd"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no mariadbd is installed: install mariadb-server"));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = PodFolder.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    static boolean weAreRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Gives everything to the user that the script runs as. */
    private void own() throws Exception {
        if (weAreRoot()) {
            run("chown", "-R", "mysql:mysql", root.toString());
        }
    }

    Path path(String below) {
        return root.resolve(below);
    }

    Path onVolume(String name) {
        return path("var/lib/mysql").resolve(name);
    }

    void write(String below, String text) throws IOException {
        Files.writeString(path(below), text);
    }

    void writeOnVolume(String name, String text) throws Exception {
        Files.writeString(onVolume(name), text);
        own();
    }

    void removeProgram(String name) throws IOException {
        Files.delete(path("bin").resolve(name));
    }

    private void writeProgram(String name, String text) throws IOException {
        Path program = path("bin").resolve(name);
        Files.writeString(program, text);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    void instruct(String instruction) {
        environment.put("HAULOUT_INSTRUCTION", instruction);
    }

    void gateways(String addresses) {
        environment.put("HAULOUT_GATEWAYS", addresses);
    }

    /** Runs the script; what it and its server say goes to {@link #log()}, anew at every start. */
    Process start() throws IOException {
        List<String> command = new ArrayList<>();
        if (weAreRoot()) {
            command.addAll(List.of("setpriv", "--reuid=mysql", "--regid=mysql", "--init-groups"));
        }
        command.addAll(List.of("bash", path("haulout/start/start").toString()));
        return launch(command);
    }

    /** Runs the script as the user of this test, whoever that is. */
    Process startAsOurselves() throws IOException {
        return launch(List.of("bash", path("haulout/start/start").toString()));
    }

    private Process launch(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(path("log").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        started.add(process);
        return process;
    }

    /** Whether what was started last still runs. */
    boolean lives() {
        return started.getLast().isAlive();
    }

    String log() {
        try {
            return Files.readString(path("log"));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** What the client prints for a statement of the user {@code app} over TLS, or its error. */
    String query(String statement) throws Exception {
        return run(
                "mariadb",
                "--no-defaults",
                "--protocol=tcp",
                "--host=127.0.0.1",
                "--port=" + port,
                "--user=app",
                "--password=secret",
                "--ssl-ca=" + path("haulout/tls/ca.crt"),
                "--batch",
                "--skip-column-names",
                "--execute=" + statement);
    }

    static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        process.waitFor();
        return said.strip();
    }

    /** Ends the script with all its processes at once, as when the node loses power. */
    static void kill(Process process) throws InterruptedException {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
        all.forEach(each -> each.onExit().orTimeout(30, TimeUnit.SECONDS).join());
    }

    @Override
    public void close() throws Exception {
        for (Process process : started) {
            kill(process);
        }
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(each);
            }
        }
    }
}
