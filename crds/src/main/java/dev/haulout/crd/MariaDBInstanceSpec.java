package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * What the owner of a {@link MariaDBInstance} asks for.
 *
 * @param database schema created at initialisation, or null
 * @param user account created at initialisation with all privileges on {@code database}, or null
 * @param passwordSecret where that account's password lies, or null when one is to be generated
 * @param myCnf lines for the server's {@code [mariadbd]} group, or null
 * @param sleep when the instance falls asleep and what may wake it; never null
 * @param host what only makes sense on a single host; never null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.user) || has(self.database)",
        fieldPath = ".user",
        message = "a user is created with all privileges on a database, and none is named; add spec.database")
@ValidationRule(
        value = "!has(self.user) || !(self.user in ['haulout', 'root', 'mysql', 'mariadb.sys', 'PUBLIC'])",
        fieldPath = ".user",
        message = "this account name is taken by Haulout or by the server itself; choose another spec.user than"
                + " haulout, root, mysql, mariadb.sys and PUBLIC")
@ValidationRule(
        value = "!has(self.database) || !(self.database.lowerAscii() in"
                + " ['mysql', 'sys', 'information_schema', 'performance_schema'])",
        fieldPath = ".database",
        message = "the server keeps this schema for itself; choose another spec.database than mysql, sys,"
                + " information_schema and performance_schema")
@ValidationRule(
        value = "!has(self.passwordSecret) || has(self.user)",
        fieldPath = ".passwordSecret",
        message = "a password is given for no account; add spec.user, or remove spec.passwordSecret")
@ValidationRule(
        value = "!has(self.myCnf) || !self.myCnf.matches('(^|[\\r\\n])[ \\t]*[\\\\[!]')",
        fieldPath = ".myCnf",
        message = "these lines already stand in the group [mariadbd] and cannot open another or include a file; remove"
                + " lines of spec.myCnf that begin with [ or !")
public record MariaDBInstanceSpec(
        @JsonPropertyDescription("Schema created when the data directory is initialised. Without it, none is created.")
        @Size(min = 1, max = 64)
        @Pattern(NAME_PATTERN)
        String database,

        @JsonPropertyDescription("Account created when the data directory is initialised, with all privileges on"
                + " `database`. Without it, none is created.")
        @Size(min = 1, max = 80)
        @Pattern(NAME_PATTERN)
        String user,

        @JsonPropertyDescription("Where the password of `user` lies. Without it, a password is generated.")
        PasswordSecret passwordSecret,

        @JsonPropertyDescription("Lines for the `[mariadbd]` group of the server's option file, such as"
                + " `innodb_buffer_pool_size = 256M`.")
        @Size(max = 16384)
        String myCnf,

        @JsonPropertyDescription("When the instance falls asleep, and what may wake it.") @Default("{}")
        Sleep sleep,

        @JsonPropertyDescription(
                "What only makes sense on a single host, run by `haulout host`. On Kubernetes it has" + " no effect.")
        Host host) {

    /** What a schema or an account may be called: any characters but control characters, and no space at the end. */
    public static final String NAME_PATTERN = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f]$";

    /** The spec of a manifest that asks for nothing in particular. */
    public static final MariaDBInstanceSpec DEFAULTS = new MariaDBInstanceSpec(null, null, null, null, null, null);

    /** Puts the defaults where {@code sleep} or {@code host} is null. */
    public MariaDBInstanceSpec {
        sleep = sleep == null ? Sleep.DEFAULTS : sleep;
        host = host == null ? Host.DEFAULTS : host;
    }
}
