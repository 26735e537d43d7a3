package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.Library;
import dev.haulout.proxy.lua.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.IsoFields;
import java.util.Locale;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.Varargs;

/** The os library. In a sandbox only what tells the time. */
final class OsLibrary {
    private final Settings settings;

    private OsLibrary(Settings settings) {
        this.settings = settings;
    }

    static void install(Machine machine, Settings settings) {
        OsLibrary os = new OsLibrary(settings);
        LuaTable table = new LuaTable();
        long start = System.nanoTime();
        Library library = new Library(machine, table)
                .add("clock", args -> LuaValue.valueOf((System.nanoTime() - start) / 1e9))
                .add("date", OsLibrary::date)
                .add("difftime", args -> LuaValue.valueOf(args.number(1) - args.number(2, 0)))
                .add("time", OsLibrary::time);
        if (!settings.sandboxed()) {
            library.add("execute", os::execute)
                    .add("exit", OsLibrary::exit)
                    .add("getenv", OsLibrary::environment)
                    .add("remove", os::remove)
                    .add("rename", os::rename)
                    .add("setlocale", OsLibrary::setLocale)
                    .add("tmpname", args -> temporaryName());
        }
        machine.globals().rawset("os", table);
    }

    private static Varargs failure(String name, IOException e) {
        String why = e instanceof NoSuchFileException ? "No such file or directory" : e.getMessage();
        return LuaValue.varargsOf(
                LuaValue.NIL,
                LuaValue.valueOf(name + ": " + why),
                LuaValue.valueOf(e instanceof NoSuchFileException ? 2 : 5));
    }

    private Varargs execute(Args args) {
        if (args.isNil(1)) {
            return LuaValue.ONE;
        }
        try {
            Process process = new ProcessBuilder("/bin/sh", "-c", args.text(1))
                    .directory(settings.folder().get().toFile())
                    .inheritIO()
                    .start();
            int code = process.waitFor();
            return LuaValue.valueOf(code > 128 ? code - 128 : code << 8); // as wait(2) has it
        } catch (IOException e) {
            return LuaValue.valueOf(-1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return LuaValue.valueOf(-1);
        }
    }

    private static Varargs exit(Args args) {
        int code = args.value(1).isboolean() ? (args.value(1).toboolean() ? 0 : 1) : args.integer(1, 0);
        System.out.flush();
        Runtime.getRuntime().exit(code);
        return LuaValue.NONE;
    }

    private static Varargs environment(Args args) {
        String value = System.getenv(args.text(1));
        return value == null ? LuaValue.NIL : LuaValue.valueOf(value);
    }

    private Varargs remove(Args args) {
        try {
            Files.delete(settings.resolve(args.text(1)));
            return LuaValue.TRUE;
        } catch (IOException e) {
            return failure(args.text(1), e);
        }
    }

    private Varargs rename(Args args) {
        try {
            Path to = settings.resolve(args.text(2));
            Files.move(settings.resolve(args.text(1)), to, StandardCopyOption.REPLACE_EXISTING);
            return LuaValue.TRUE;
        } catch (IOException e) {
            return failure(args.text(1), e);
        }
    }

    private static Varargs setLocale(Args args) {
        return args.isNil(1) || args.text(1).equals("C") || args.text(1).isEmpty()
                ? LuaValue.valueOf("C")
                : LuaValue.NIL;
    }

    private static LuaValue temporaryName() {
        try {
            return LuaValue.valueOf(Files.createTempFile("lua_", "").toString());
        } catch (IOException e) {
            throw new LuaError("unable to generate a unique filename: " + e.getMessage());
        }
    }

    private static Varargs time(Args args) {
        if (args.isNil(1)) {
            return LuaValue.valueOf((double) Instant.now().getEpochSecond());
        }
        LuaTable fields = args.table(1);
        try {
            LocalDateTime day = LocalDateTime.of(field(fields, "year", null), 1, 1, 0, 0)
                    .plusMonths(field(fields, "month", null) - 1L)
                    .plusDays(field(fields, "day", null) - 1L)
                    .plusHours(field(fields, "hour", 12))
                    .plusMinutes(field(fields, "min", 0))
                    .plusSeconds(field(fields, "sec", 0));
            return LuaValue.valueOf((double) day.atZone(ZoneId.systemDefault()).toEpochSecond());
        } catch (DateTimeException e) {
            return LuaValue.NIL;
        }
    }

    private static int field(LuaTable fields, String name, Integer otherwise) {
        LuaValue value = fields.rawget(name);
        if (value.isnumber()) {
            return value.toint();
        }
        if (otherwise == null) {
            throw new LuaError("field '" + name + "' missing in date table");
        }
        return otherwise;
    }

    private static Varargs date(Args args) {
        String format = args.text(1, "%c");
        boolean utc = format.startsWith("!");
        String text = utc ? format.substring(1) : format;
        Instant instant = Instant.ofEpochSecond(
                (long) args.number(2, (double) Instant.now().getEpochSecond()));
        ZonedDateTime when = instant.atZone(utc ? ZoneOffset.UTC : ZoneId.systemDefault());
        if (text.startsWith("*t")) {
            return fields(when);
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != '%' || i + 1 == text.length()) {
                out.append(text.charAt(i));
            } else {
                i++;
                out.append(converted(text.charAt(i), when));
            }
        }
        return LuaValue.valueOf(out.toString());
    }

    private static LuaTable fields(ZonedDateTime when) {
        LuaTable fields = new LuaTable();
        fields.rawset("year", LuaValue.valueOf(when.getYear()));
        fields.rawset("month", LuaValue.valueOf(when.getMonthValue()));
        fields.rawset("day", LuaValue.valueOf(when.getDayOfMonth()));
        fields.rawset("hour", LuaValue.valueOf(when.getHour()));
        fields.rawset("min", LuaValue.valueOf(when.getMinute()));
        fields.rawset("sec", LuaValue.valueOf(when.getSecond()));
        fields.rawset("wday", LuaValue.valueOf(when.getDayOfWeek().getValue() % 7 + 1));
        fields.rawset("yday", LuaValue.valueOf(when.getDayOfYear()));
        fields.rawset("isdst", LuaValue.valueOf(when.getZone().getRules().isDaylightSavings(when.toInstant())));
        return fields;
    }

    private static String converted(char conversion, ZonedDateTime when) {
        String pattern = switch (conversion) {
            case 'a' -> "EEE";
            case 'A' -> "EEEE";
            case 'b', 'h' -> "MMM";
            case 'B' -> "MMMM";
            case 'c' -> "EEE MMM ppd HH:mm:ss yyyy";
            case 'd' -> "dd";
            case 'D', 'x' -> "MM/dd/yy";
            case 'e' -> "ppd";
            case 'F' -> "yyyy-MM-dd";
            case 'H' -> "HH";
            case 'I' -> "hh";
            case 'j' -> "DDD";
            case 'm' -> "MM";
            case 'M' -> "mm";
            case 'p' -> "a";
            case 'r' -> "hh:mm:ss a";
            case 'R' -> "HH:mm";
            case 'S' -> "ss";
            case 'T', 'X' -> "HH:mm:ss";
            case 'y' -> "yy";
            case 'Y' -> "yyyy";
            case 'z' -> "xx";
            case 'Z' -> "zzz";
            default -> null;
        };
        if (pattern != null) {
            return when.format(DateTimeFormatter.ofPattern(pattern, Locale.US));
        }
        int weekday = when.getDayOfWeek().getValue();
        return switch (conversion) {
            case 'n' -> "\n";
            case 't' -> "\t";
            case 's' -> Long.toString(when.toEpochSecond());
            case 'u' -> Integer.toString(weekday);
            case 'w' -> Integer.toString(weekday % 7);
            case 'U' -> twoDigits((when.getDayOfYear() + 6 - weekday % 7) / 7);
            case 'W' -> twoDigits((when.getDayOfYear() + 7 - weekday) / 7);
            case 'V' -> twoDigits(when.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> Integer.toString(when.get(IsoFields.WEEK_BASED_YEAR));
            case 'C' -> twoDigits(when.getYear() / 100);
            case '%' -> "%";
            default -> "%" + conversion;
        };
    }

    private static String twoDigits(int value) {
        return String.format(Locale.ROOT, "%02d", value);
    }
}
