package dev.haulout.proxy.sidecar;

import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.account.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An application's Secret as a mounted folder shows it: one file for each key. The operator makes such a Secret, {@code
 * NAME-app}, for an instance whose password it has generated.
 *
 * @param host of the gateway: the instance's Service
 * @param port of that Service
 * @param user of the application
 * @param password of that user; may be empty
 * @param database of the application, if it is named
 */
record ApplicationSecret(String host, int port, String user, Secret password, Optional<String> database) {
    /** A Service's name as the operator writes it. */
    private static final Pattern SERVICE = Pattern.compile("([a-z0-9-]+)\\.([a-z0-9-]+)\\.svc");

    /**
     * Reads it. The kubelet changes all files at once, by another target of the link {@code ..data}: through that they are
     * read here, so that what is read belongs together.
     *
     * @throws IOException when a key is missing or wrong; the message names it
     */
    static ApplicationSecret read(Path folder) throws IOException {
        Path link = folder.resolve("..data");
        Path whole = Files.exists(link) ? link.toRealPath() : folder;
        String port = required(folder, whole, "port");
        if (!port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new IOException("the file " + folder.resolve("port") + " holds \"" + port
                    + "\", which is no port; correct that key of the Secret");
        }
        return new ApplicationSecret(
                required(folder, whole, "host"),
                Integer.parseInt(port),
                required(folder, whole, "user"),
                Secret.of(bytes(folder, whole, "password").orElseThrow(() -> missing(folder, "password"))),
                text(folder, whole, "database"));
    }

    private static String required(Path folder, Path whole, String key) throws IOException {
        return text(folder, whole, key).orElseThrow(() -> missing(folder, key));
    }

    private static Optional<String> text(Path folder, Path whole, String key) throws IOException {
        return bytes(folder, whole, key)
                .map(content -> new String(content, StandardCharsets.UTF_8).strip())
                .filter(text -> !text.isEmpty());
    }

    /** As it is: a password may well end with a space. */
    private static Optional<byte[]> bytes(Path folder, Path whole, String key) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(whole.resolve(key)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new IOException("the file " + folder.resolve(key) + " can't be read: " + e.getMessage(), e);
        }
    }

    private static IOException missing(Path folder, String key) {
        return new IOException(
                "there is no " + key + " in " + folder + "; mount the instance's Secret NAME-app there, or"
                        + " one of your own with the keys host, port, user, password and database");
    }

    /** The instance as the other placements call it, where the host tells; else the host. */
    String instance() {
        Matcher service = SERVICE.matcher(host);
        return service.matches() ? service.group(2) + "/" + service.group(1) : host;
    }

    /** The accounts, as far as this Secret tells them. */
    AccountBook accounts() {
        return AccountBook.ofOne(user, password, database);
    }

    /** Names nothing secret. */
    @Override
    public String toString() {
        return "ApplicationSecret[" + user + "@" + host + ":" + port + "]";
    }
}
