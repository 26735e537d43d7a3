package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.util.Locale;
import java.util.function.IntBinaryOperator;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** LuaJIT's bit library: on 32 bits, with signed results. */
final class BitLibrary {
    private BitLibrary() {}

    static void install(Machine machine) {
        Library library = new Library(machine, new LuaTable())
                .add("tobit", args -> LuaValue.valueOf(bits(args, 1)))
                .add("bnot", args -> LuaValue.valueOf(~bits(args, 1)))
                .add("bswap", args -> LuaValue.valueOf(Integer.reverseBytes(bits(args, 1))))
                .add("tohex", BitLibrary::toHex);
        fold(library, "band", (a, b) -> a & b);
        fold(library, "bor", (a, b) -> a | b);
        fold(library, "bxor", (a, b) -> a ^ b);
        two(library, "lshift", (a, n) -> a << n);
        two(library, "rshift", (a, n) -> a >>> n);
        two(library, "arshift", (a, n) -> a >> n);
        two(library, "rol", Integer::rotateLeft);
        two(library, "ror", Integer::rotateRight);
        machine.globals().rawset("bit", library.table());
    }

    /** The lowest 32 bits, rounded to even as LuaJIT does it by adding 2^52 + 2^51. */
    private static int bits(Args args, int index) {
        double value = args.number(index);
        return (int) Double.doubleToRawLongBits(value + 6755399441055744.0);
    }

    private static void fold(Library library, String name, IntBinaryOperator operator) {
        library.add(name, args -> {
            int result = bits(args, 1);
            for (int i = 2; i <= args.count(); i++) {
                result = operator.applyAsInt(result, bits(args, i));
            }
            return LuaValue.valueOf(result);
        });
    }

    private static void two(Library library, String name, IntBinaryOperator operator) {
        library.add(name, args -> LuaValue.valueOf(operator.applyAsInt(bits(args, 1), bits(args, 2) & 31)));
    }

    private static Varargs toHex(Args args) {
        int digits = args.isNil(2) ? 8 : bits(args, 2);
        boolean upper = digits < 0;
        int shown = Math.min(254, digits == Integer.MIN_VALUE ? 254 : Math.abs(digits));
        String all = String.format("%08x", bits(args, 1));
        String text = shown <= 8 ? all.substring(8 - shown) : "0".repeat(shown - 8) + all;
        return LuaValue.valueOf(upper ? text.toUpperCase(Locale.ROOT) : text);
    }
}
