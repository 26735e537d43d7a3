package dev.haulout.proxy.lua.script;

import dev.haulout.proxy.lua.LuaObject;
import dev.haulout.proxy.socket.ExtendedAttributes;
import java.nio.file.Path;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaValue;

/** The control group of a client's process. */
final class Cgroup extends LuaObject {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private final Path root;
    private final String path;

    Cgroup(String path) {
        this(ROOT, path);
    }

    /** @param root where the control groups' file system is mounted */
    Cgroup(Path root, String path) {
        this.root = root;
        this.path = path;
    }

    @Override
    protected LuaValue read(String name) {
        return switch (name) {
            case "path" -> LuaValue.valueOf(path);
            case "xattr" -> new Attributes(root.resolve(path.substring(1)), path.equals("/"));
            case "parent" -> {
                int slash = path.lastIndexOf('/');
                yield slash <= 0 ? LuaValue.NIL : new Cgroup(root, path.substring(0, slash));
            }
            default -> LuaValue.NIL;
        };
    }

    /** Its extended attributes; nil for those it hasn't got. The root has none that could be read. */
    private static final class Attributes extends LuaObject {
        private final Path folder;
        private final boolean none;

        Attributes(Path folder, boolean none) {
            this.folder = folder;
            this.none = none;
        }

        @Override
        protected LuaValue read(String name) {
            if (none) {
                return LuaValue.NIL;
            }
            String full = name.contains(".") ? name : "user." + name;
            return ExtendedAttributes.read(folder, full)
                    .<LuaValue>map(LuaString::valueOf)
                    .orElse(LuaValue.NIL);
        }
    }
}
