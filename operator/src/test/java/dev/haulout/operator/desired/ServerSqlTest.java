package dev.haulout.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haulout.proxy.account.AccountBook;
import dev.haulout.proxy.certificate.CertificateAuthority;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real server makes of the SQL that is given to it. */
class ServerSqlTest {
    @TempDir
    static Path temp;

    private static TlsServer server;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = new TlsServer(
                temp,
                ServerSql.globals(Map.of(
                        "a_variable_of_a_plugin_that_is_gone", "1",
                        "init_connect", "'DO ''line;\nit''''s \\\\\\\\'''",
                        "long_query_time", "7.5",
                        "proxy_protocol_networks", "'no address'",
                        "slow_query_log_file", "'z;'")));
        server.root(ServerSql.accounts());
        server.root(
                "CREATE DATABASE app; CREATE TABLE app.kept (a INT) ENGINE=MEMORY; INSERT INTO app.kept VALUES (1)");
    }

    @AfterAll
    static void stop() throws InterruptedException {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aGlobalThatIsRefusedKeepsNoOtherFromBeingSet() throws Exception {
        assertThat(server.root("SELECT @@GLOBAL.long_query_time, @@GLOBAL.slow_query_log_file"))
                .isEqualTo("7.500000\tz;\n");
        assertThat(server.root("SELECT HEX(@@GLOBAL.init_connect)"))
                .isEqualToIgnoringCase(
                        HexFormat.of().formatHex("DO 'line;\nit''s \\\\'".getBytes(StandardCharsets.UTF_8)) + "\n");
    }

    @ParameterizedTest
    @CsvSource({"haulout, haulout-operator", "haulout_gateway, haulout-gateway"})
    void anAccountIsLetInByItsOwnCertificateAlone(String user, String certificate) throws Exception {
        String other = certificate.equals("haulout-operator") ? "haulout-gateway" : "haulout-operator";

        assertThat(server.query(user, certificate, "SELECT CURRENT_USER()")).isEqualTo(user + "@%\n");
        assertThatThrownBy(() -> server.query(user, other, "SELECT 1")).hasMessageContaining("1045");
        // what is issued for servers fails in TLS already: the client sees the alert, or only that the connection ends
        assertThatThrownBy(() -> server.query(user, "server", "SELECT 1")).hasMessageMatching("(?s)ERROR 20(13|26).*");
    }

    @ParameterizedTest
    @CsvSource({"haulout, haulout-operator", "haulout_gateway, haulout-gateway"})
    void bothMayReadTheAccounts(String user, String certificate) throws Exception {
        AccountBook book = AccountBook.read(sql -> rows(user, certificate, sql));

        assertThat(book).usingRecursiveComparison().isEqualTo(AccountBook.read(sql -> table(() -> server.root(sql))));
        assertThat(rows(user, certificate, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"))
                .contains(List.of("app"), List.of("mysql"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET GLOBAL proxy_protocol_networks = '10.1.0.7,fd00::7'",
                "FLUSH SSL",
                "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX",
                "SELECT db, name FROM mysql.event"
            })
    void theOperatorMay(String sql) throws Exception {
        server.query("haulout", CertificateAuthority.OPERATOR, sql);
    }

    @Test
    void theOperatorSeesThatThereAreRowsThatItMayNotRead() throws Exception {
        assertThat(rows(
                        "haulout",
                        CertificateAuthority.OPERATOR,
                        "SELECT TABLE_NAME FROM information_schema.TABLES"
                                + " WHERE ENGINE = 'MEMORY' AND TABLE_ROWS > 0 AND TABLE_SCHEMA = 'app'"))
                .containsExactly(List.of("kept"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM app.kept",
                "INSERT INTO app.kept VALUES (2)",
                "SELECT * FROM mysql.servers",
                "UPDATE mysql.db SET Select_priv = 'Y'",
                "GRANT SELECT ON app.* TO haulout",
                "CREATE USER other",
                "SELECT LOAD_FILE('/etc/passwd') INTO OUTFILE '/tmp/haulout-never'"
            })
    void neitherMay(String sql) {
        assertThatThrownBy(() -> server.query("haulout", CertificateAuthority.OPERATOR, sql))
                .hasMessageContaining("denied");
        assertThatThrownBy(() -> server.query("haulout_gateway", CertificateAuthority.GATEWAY, sql))
                .hasMessageContaining("denied");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SHUTDOWN", "SET GLOBAL proxy_protocol_networks = ''", "FLUSH SSL", "SELECT * FROM mysql.event"})
    void aGatewayMayNot(String sql) {
        assertThatThrownBy(() -> server.query("haulout_gateway", CertificateAuthority.GATEWAY, sql))
                .hasMessageContaining("denied");
    }

    private static List<List<String>> rows(String user, String certificate, String sql) throws IOException {
        return table(() -> server.query(user, certificate, sql));
    }

    private interface Asking {
        String ask() throws IOException, InterruptedException;
    }

    private static List<List<String>> table(Asking asking) throws IOException {
        try {
            return asking.ask()
                    .lines()
                    .map(line -> List.of(line.split("\t", -1)))
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
