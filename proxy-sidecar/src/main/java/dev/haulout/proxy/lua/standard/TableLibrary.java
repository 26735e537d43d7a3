package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.util.Comparator;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The table library. */
final class TableLibrary {
    private final Machine machine;

    private TableLibrary(Machine machine) {
        this.machine = machine;
    }

    static void install(Machine machine) {
        TableLibrary tables = new TableLibrary(machine);
        LuaTable table = new LuaTable();
        new Library(machine, table)
                .add("concat", tables::concat)
                .add("foreach", tables::forEach)
                .add("foreachi", tables::forEachInteger)
                .add("getn", args -> LuaValue.valueOf(args.table(1).rawlen()))
                .add("insert", tables::insert)
                .add("maxn", TableLibrary::greatestKey)
                .add("move", tables::move)
                .add("remove", tables::remove)
                .add("setn", args -> {
                    throw new LuaError("'setn' is obsolete");
                })
                .add("sort", tables::sort);
        machine.globals().rawset("table", table);
    }

    private Varargs concat(Args args) {
        LuaTable table = args.table(1);
        LuaString separator = args.string(2, LuaValue.valueOf(""));
        int from = args.integer(3, 1);
        int to = args.isNil(4) ? table.rawlen() : args.integer(4);
        if (from > to) {
            return LuaValue.valueOf("");
        }
        long length = 0;
        for (long i = from; i <= to; i++) {
            machine.charge(1);
            LuaValue value = table.rawget((int) i);
            if (!value.isstring()) {
                throw new LuaError("invalid value (" + value.typename() + ") at index " + i + " in table for 'concat'");
            }
            length += machine.text(value).m_length + (i < to ? separator.m_length : 0);
        }
        if (length > Integer.MAX_VALUE - 64) {
            throw new LuaError("resulting string too large");
        }
        machine.allocate(length);
        byte[] bytes = new byte[(int) length];
        int at = 0;
        for (long i = from; i <= to; i++) {
            LuaString text = machine.text(table.rawget((int) i));
            text.copyInto(0, bytes, at, text.m_length);
            at += text.m_length;
            if (i < to) {
                separator.copyInto(0, bytes, at, separator.m_length);
                at += separator.m_length;
            }
        }
        return LuaString.valueUsing(bytes);
    }

    private Varargs forEach(Args args) {
        LuaTable table = args.table(1);
        LuaValue function = args.function(2);
        for (Varargs entry = table.next(LuaValue.NIL); !entry.arg1().isnil(); entry = table.next(entry.arg1())) {
            LuaValue result = machine.callFromJava(function, LuaValue.varargsOf(entry.arg(1), entry.arg(2)))
                    .arg1();
            if (!result.isnil()) {
                return result;
            }
        }
        return LuaValue.NONE;
    }

    private Varargs forEachInteger(Args args) {
        LuaTable table = args.table(1);
        LuaValue function = args.function(2);
        for (int i = 1, n = table.rawlen(); i <= n; i++) {
            LuaValue result = machine.callFromJava(function, LuaValue.varargsOf(LuaValue.valueOf(i), table.rawget(i)))
                    .arg1();
            if (!result.isnil()) {
                return result;
            }
        }
        return LuaValue.NONE;
    }

    private Varargs insert(Args args) {
        LuaTable table = args.table(1);
        int end = table.rawlen() + 1;
        switch (args.count()) {
            case 2 -> table.rawset(end, args.value(2));
            case 3 -> {
                int position = args.integer(2);
                int last = Math.max(end, position);
                machine.charge(Math.max(0, (last - (long) position) / 4));
                for (int i = last; i > position; i--) {
                    table.rawset(i, table.rawget(i - 1));
                }
                table.rawset(position, args.value(3));
            }
            default -> throw new LuaError("wrong number of arguments to 'insert'");
        }
        return LuaValue.NONE;
    }

    private Varargs remove(Args args) {
        LuaTable table = args.table(1);
        int end = table.rawlen();
        int position = args.integer(2, end);
        if (position < 1 || position > end) {
            return LuaValue.NONE;
        }
        LuaValue removed = table.rawget(position);
        machine.charge((end - position) / 4);
        for (int i = position; i < end; i++) {
            table.rawset(i, table.rawget(i + 1));
        }
        table.rawset(end, LuaValue.NIL);
        return removed;
    }

    private Varargs move(Args args) {
        LuaTable from = args.table(1);
        int first = args.integer(2);
        int last = args.integer(3);
        int target = args.integer(4);
        LuaTable to = args.isNil(5) ? from : args.table(5);
        machine.charge(Math.max(0, (last - (long) first) / 4));
        boolean upwards = target > last || target <= first || to != from;
        for (int n = 0; n <= last - first; n++) {
            machine.charge(1);
            int i = upwards ? n : last - first - n;
            to.rawset(target + i, from.rawget(first + i));
        }
        return to;
    }

    private static Varargs greatestKey(Args args) {
        LuaTable table = args.table(1);
        double greatest = 0;
        for (Varargs entry = table.next(LuaValue.NIL); !entry.arg1().isnil(); entry = table.next(entry.arg1())) {
            if (entry.arg1() instanceof LuaNumber number) {
                greatest = Math.max(greatest, number.todouble());
            }
        }
        return LuaValue.valueOf(greatest);
    }

    private Varargs sort(Args args) {
        LuaTable table = args.table(1);
        LuaValue less = args.isNil(2) ? null : args.function(2);
        LuaValue[] values = new LuaValue[table.rawlen()];
        machine.charge(values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] = table.rawget(i + 1);
        }
        try {
            java.util.Arrays.sort(values, order(less));
        } catch (IllegalArgumentException e) {
            throw new LuaError("invalid order function for sorting");
        }
        for (int i = 0; i < values.length; i++) {
            table.rawset(i + 1, values[i]);
        }
        return LuaValue.NONE;
    }

    private Comparator<LuaValue> order(LuaValue less) {
        return (a, b) -> {
            if (less == null) {
                machine.charge(1);
                return machine.less(a, b) ? -1 : machine.less(b, a) ? 1 : 0;
            }
            if (isTrue(less, a, b)) {
                return -1;
            }
            return isTrue(less, b, a) ? 1 : 0;
        };
    }

    private boolean isTrue(LuaValue less, LuaValue a, LuaValue b) {
        return machine.callFromJava(less, LuaValue.varargsOf(a, b)).arg1().toboolean();
    }
}
