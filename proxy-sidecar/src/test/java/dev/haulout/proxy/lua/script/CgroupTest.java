package dev.haulout.proxy.lua.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.luaj.vm2.LuaValue;

/** Section 4: cgroup. */
class CgroupTest {
    @TempDir
    private Path root;

    @Test
    void attributesAreRead() throws Exception {
        Path group = Files.createDirectories(root.resolve("a/b"));
        UserDefinedFileAttributeView view = Files.getFileAttributeView(group, UserDefinedFileAttributeView.class);
        try {
            view.write("account", ByteBuffer.wrap("joe".getBytes(StandardCharsets.UTF_8)));
        } catch (java.io.IOException e) {
            assumeTrue(false, "the file system of " + root + " has no extended attributes: " + e.getMessage());
        }
        LuaValue attributes = new Cgroup(root, "/a/b").get("xattr");

        assertThat(attributes.get("account").tojstring()).isEqualTo("joe");
        assertThat(attributes.get("user.account").tojstring()).isEqualTo("joe");
        assertThat(attributes.get("other").isnil()).isTrue();
        assertThat(attributes.get("trusted.account").isnil()).isTrue();
    }

    @Test
    void attributesOfTheRootAreNil() {
        assertThat(new Cgroup(root, "/").get("xattr").get("account").isnil()).isTrue();
    }
}
