package dev.haulout.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;

/**
 * What the owner of a {@link MariaDBInstance} asks for.
 *
 * @param database schema created at initialisation, or null
 * @param user account created at initialisation with all privileges on {@code database}, or null
 * @param passwordSecret where that account's password lies, or null when one is to be generated
 * @param myCnf lines for the server's {@code [mariadbd]} group, or null
 * @param version the version of the official image to run; never null
 * @param image the image to run instead, or null
 * @param storage the volume; never null
 * @param resources what the server's container asks for and may use; never null
 * @param pod what its pod has beside; never null
 * @param power whether it sleeps and wakes by itself; never null
 * @param replicas 0 to suspend it, 1 to let {@code power} decide; never null
 * @param initialise when the data directory is made; never null
 * @param deletionPolicy what becomes of the volume in the end; never null
 * @param sleep when the instance falls asleep and what may wake it; never null
 * @param tls TLS between clients and its doors; never null
 * @param host what only makes sense on a single host; never null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.user) || has(self.database)",
        fieldPath = ".user",
        message = "a user is created with all privileges on a database, and none is named; add spec.database")
@ValidationRule(
        value =
                "!has(self.user) || !(self.user in ['haulout', 'haulout_gateway', 'root', 'mysql', 'mariadb.sys', 'PUBLIC'])",
        fieldPath = ".user",
        message = "this account name is taken by Haulout or by the server itself; choose another spec.user than"
                + " haulout, haulout_gateway, root, mysql, mariadb.sys and PUBLIC")
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
        value = "!has(self.initialise) || self.initialise != 'OnFirstWake' || !has(self.passwordSecret)",
        fieldPath = ".initialise",
        message =
                "clients can't be verified before the first start with a password that only the server is to read; write"
                        + " spec.initialise: OnCreate, or remove spec.passwordSecret to have a password generated")
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

        @JsonPropertyDescription("Version of MariaDB, as the tag of the official image `mariadb`. Has an"
                + " effect on Kubernetes only.")
        @Default(DEFAULT_VERSION)
        @Size(min = 1, max = 128)
        @Pattern(TAG_PATTERN)
        String version,

        @JsonPropertyDescription("Image of the server, instead of the official one of `version`. It has to have the"
                + " official image's entrypoint. Has an effect on Kubernetes only.")
        @Size(min = 1, max = 512)
        @Pattern(IMAGE_PATTERN)
        String image,

        @JsonPropertyDescription("The volume of the data directory. Has an effect on Kubernetes only.") @Default("{}")
        Storage storage,

        @JsonPropertyDescription("What the server's container asks for and may use while it is awake. Has an effect on"
                + " Kubernetes only.")
        Resources resources,

        @JsonPropertyDescription("What the server's pod has beside what Haulout gives it. Takes effect when the server"
                + " next starts. Has an effect on Kubernetes only.")
        PodSettings pod,

        @JsonPropertyDescription(
                "Auto: sleeps and wakes by itself. Awake: stays awake. Suspended: stays down, and refuses"
                        + " clients. Has an effect on Kubernetes only.")
        @Default("Auto")
        PowerWish power,

        @JsonPropertyDescription("0 suspends the instance, 1 leaves it to `power`; this is what `kubectl scale` sets.")
        @SpecReplicas
        @Min(0)
        @Max(1)
        @Default("1") // else there is nothing that kubectl scale could change
        Integer replicas,

        @JsonPropertyDescription("When the data directory of a new instance is made. OnCreate: at once, and it sleeps"
                + " then. OnFirstWake: when the first client needs it. Has an effect on Kubernetes only.")
        @Default("OnCreate")
        Initialise initialise,

        @JsonPropertyDescription("What becomes of the volume when the instance is deleted. Retain: it stays, and an"
                + " instance of the same name finds its data again. Delete: it goes too. Has an effect on Kubernetes"
                + " only.")
        @Default("Retain")
        DeletionPolicy deletionPolicy,

        @JsonPropertyDescription("When the instance falls asleep, and what may wake it.") @Default("{}")
        Sleep sleep,

        @JsonPropertyDescription("TLS between clients and the instance's doors, which all of them offer.")
        ClientTls tls,

        @JsonPropertyDescription(
                "What only makes sense on a single host, run by `haulout host`. On Kubernetes it has" + " no effect.")
        Host host) {

    /** What a schema or an account may be called: any characters but control characters, and no space at the end. */
    public static final String NAME_PATTERN = "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f]$";

    /** The server that runs when a manifest asks for none in particular: the newest with long-term support. */
    public static final String DEFAULT_VERSION = "11.8";

    /** The tag of an image, as registries take it. */
    public static final String TAG_PATTERN = "^[A-Za-z0-9_][A-Za-z0-9_.-]*$";

    /** An image's name with a tag or digest: nothing but what registries take, and no space. */
    public static final String IMAGE_PATTERN = "^[A-Za-z0-9][A-Za-z0-9._:@/-]*$";

    /** The spec of a manifest that asks for nothing in particular. */
    public static final MariaDBInstanceSpec DEFAULTS = new MariaDBInstanceSpec(
            null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    /** Puts the defaults where a component that is never null is. */
    public MariaDBInstanceSpec {
        version = version == null ? DEFAULT_VERSION : version;
        storage = storage == null ? Storage.DEFAULTS : storage;
        resources = resources == null ? Resources.DEFAULTS : resources;
        pod = pod == null ? PodSettings.DEFAULTS : pod;
        power = power == null ? PowerWish.AUTO : power;
        replicas = replicas == null ? 1 : replicas;
        initialise = initialise == null ? Initialise.ON_CREATE : initialise;
        deletionPolicy = deletionPolicy == null ? DeletionPolicy.RETAIN : deletionPolicy;
        sleep = sleep == null ? Sleep.DEFAULTS : sleep;
        tls = tls == null ? ClientTls.DEFAULTS : tls;
        host = host == null ? Host.DEFAULTS : host;
    }
}
