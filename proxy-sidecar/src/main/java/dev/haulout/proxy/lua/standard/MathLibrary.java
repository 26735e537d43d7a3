package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.ArgumentError;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The math library. */
final class MathLibrary {
    private final Library library;
    private Random random = new Random(0); // as LuaJIT: the same numbers in each run until randomseed

    private MathLibrary(Machine machine) {
        this.library = new Library(machine, new LuaTable());
    }

    static void install(Machine machine) {
        MathLibrary math = new MathLibrary(machine);
        math.fill();
        machine.globals().rawset("math", math.library.table());
    }

    private void one(String name, DoubleUnaryOperator function) {
        library.add(name, args -> LuaValue.valueOf(function.applyAsDouble(args.number(1))));
    }

    private void fill() {
        one("abs", Math::abs);
        one("acos", Math::acos);
        one("asin", Math::asin);
        one("atan", Math::atan);
        one("ceil", Math::ceil);
        one("cos", Math::cos);
        one("cosh", Math::cosh);
        one("deg", x -> x * (180 / Math.PI));
        one("exp", Math::exp);
        one("floor", Math::floor);
        one("log10", Math::log10);
        one("rad", x -> x * (Math.PI / 180));
        one("sin", Math::sin);
        one("sinh", Math::sinh);
        one("sqrt", Math::sqrt);
        one("tan", Math::tan);
        one("tanh", Math::tanh);
        library.add("atan2", args -> LuaValue.valueOf(Math.atan2(args.number(1), args.number(2))))
                .add("fmod", args -> LuaValue.valueOf(args.number(1) % args.number(2)))
                .add("frexp", MathLibrary::frexp)
                .add("ldexp", args -> LuaValue.valueOf(scaled(args.number(1), args.integer(2))))
                .add("log", MathLibrary::log)
                .add("max", args -> extreme(args, true))
                .add("min", args -> extreme(args, false))
                .add("modf", MathLibrary::modf)
                .add("pow", args -> LuaValue.valueOf(Math.pow(args.number(1), args.number(2))))
                .add("random", this::random)
                .add("randomseed", args -> {
                    random = new Random(Double.doubleToLongBits(args.number(1)));
                    return LuaValue.NONE;
                })
                .add("pi", LuaValue.valueOf(Math.PI))
                .add("huge", LuaValue.valueOf(Double.POSITIVE_INFINITY));
    }

    /** In two steps where the factor alone would be beyond a double. */
    private static double scaled(double x, int exponent) {
        int half = Math.clamp(exponent, -2200, 2200) / 2;
        return x * Math.pow(2, half) * Math.pow(2, Math.clamp(exponent, -2200, 2200) - half);
    }

    private static Varargs frexp(Args args) {
        double x = args.number(1);
        if (x == 0 || !Double.isFinite(x)) {
            return LuaValue.varargsOf(LuaValue.valueOf(x), LuaValue.ZERO);
        }
        int exponent = Math.getExponent(x) + 1;
        if (Math.abs(x) < Double.MIN_NORMAL) {
            exponent = Math.getExponent(x * 0x1p54) + 1 - 54;
        }
        return LuaValue.varargsOf(LuaValue.valueOf(scaled(x, -exponent)), LuaValue.valueOf(exponent));
    }

    private static Varargs log(Args args) {
        double x = args.number(1);
        if (args.isNil(2)) {
            return LuaValue.valueOf(Math.log(x));
        }
        double base = args.number(2);
        return LuaValue.valueOf(base == 10 ? Math.log10(x) : Math.log(x) / Math.log(base));
    }

    private static Varargs modf(Args args) {
        double x = args.number(1);
        double whole = x < 0 ? Math.ceil(x) : Math.floor(x);
        return LuaValue.varargsOf(LuaValue.valueOf(whole), LuaValue.valueOf(Double.isInfinite(x) ? 0 : x - whole));
    }

    private static Varargs extreme(Args args, boolean greatest) {
        double found = args.number(1);
        for (int i = 2; i <= args.count(); i++) {
            found = greatest ? Math.max(found, args.number(i)) : Math.min(found, args.number(i));
        }
        return LuaValue.valueOf(found);
    }

    private Varargs random(Args args) {
        double r = random.nextDouble();
        if (args.count() == 0) {
            return LuaValue.valueOf(r);
        }
        double low = args.count() == 1 ? 1 : Math.floor(args.number(1));
        double high = Math.floor(args.number(args.count() == 1 ? 1 : 2));
        if (low > high) {
            throw new ArgumentError(Math.min(args.count(), 2), "interval is empty");
        }
        return LuaValue.valueOf(Math.floor(r * (high - low + 1)) + low);
    }
}
