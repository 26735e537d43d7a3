package dev.haulout.proxy.lua.standard;

import dev.haulout.proxy.lua.Args;
import dev.haulout.proxy.lua.Machine;
import dev.haulout.proxy.lua.Numbers;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.luaj.vm2.LuaError;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.Varargs;

/** {@code string.format}, as C's printf has it. */
final class Format {
    private static final double UNSIGNED = 18446744073709551616.0;

    private final Machine machine;

    Format(Machine machine) {
        this.machine = machine;
    }

    /** Flags, width and precision (-1 when not given) of one conversion. */
    private record Spec(
            boolean left, boolean sign, boolean space, boolean alternate, boolean zero, int width, int precision) {
        String padded(String text, boolean zeros) {
            int missing = width - text.length();
            if (missing <= 0) {
                return text;
            }
            if (left) {
                return text + " ".repeat(missing);
            }
            if (!zero || !zeros) {
                return " ".repeat(missing) + text;
            }
            int prefix = text.startsWith("-") || text.startsWith("+") || text.startsWith(" ") ? 1 : 0;
            if (text.startsWith("0x", prefix) || text.startsWith("0X", prefix)) {
                prefix += 2;
            }
            return text.substring(0, prefix) + "0".repeat(missing) + text.substring(prefix);
        }

        String signed(String text) {
            return text.startsWith("-") ? text : sign ? "+" + text : space ? " " + text : text;
        }
    }

    Varargs format(Args args) {
        LuaString format = args.string(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int argument = 1;
        for (int i = 0; i < format.m_length; i++) {
            char c = at(format, i);
            if (c != '%') {
                out.write(c);
                continue;
            }
            i++;
            if (at(format, i) == '%') {
                out.write('%');
                continue;
            }
            int specStart = i;
            while ("-+ #0".indexOf(at(format, i)) >= 0 && i < format.m_length) {
                i++;
            }
            String flags = text(format, specStart, i);
            int width = 0;
            int digits = 0;
            while (digits < 2 && Character.isDigit(at(format, i))) {
                width = width * 10 + at(format, i++) - '0';
                digits++;
            }
            int precision = -1;
            if (at(format, i) == '.') {
                i++;
                precision = 0;
                for (int n = 0; n < 2 && Character.isDigit(at(format, i)); n++) {
                    precision = precision * 10 + at(format, i++) - '0';
                }
            }
            if (Character.isDigit(at(format, i)) || flags.length() > 5) {
                throw new LuaError("invalid format (width or precision too long)");
            }
            Spec spec = new Spec(
                    flags.contains("-"),
                    flags.contains("+"),
                    flags.contains(" "),
                    flags.contains("#"),
                    flags.contains("0"),
                    width,
                    precision);
            argument++;
            convert(out, at(format, i), spec, args, argument, text(format, specStart - 1, i + 1));
        }
        machine.allocate(out.size());
        return LuaString.valueUsing(out.toByteArray());
    }

    private static char at(LuaString s, int index) {
        return index < s.m_length ? (char) (s.m_bytes[s.m_offset + index] & 0xff) : 0;
    }

    private static String text(LuaString s, int from, int to) {
        int end = Math.min(to, s.m_length);
        return new String(s.m_bytes, s.m_offset + from, Math.max(0, end - from), StandardCharsets.ISO_8859_1);
    }

    private void convert(ByteArrayOutputStream out, char conversion, Spec spec, Args args, int n, String whole) {
        switch (conversion) {
            case 'd', 'i' -> write(out, integer(spec, (long) args.number(n)));
            case 'u' -> write(out, unsigned(spec, Long.toUnsignedString(bits(args.number(n)))));
            case 'o' -> write(out, unsigned(spec, Long.toOctalString(bits(args.number(n)))));
            case 'x' -> write(out, hexadecimal(spec, bits(args.number(n))));
            case 'X' -> write(out, hexadecimal(spec, bits(args.number(n))).toUpperCase(Locale.ROOT));
            case 'c' -> write(out, spec.padded(String.valueOf((char) (args.integer(n) & 0xff)), false));
            case 'e', 'f', 'g', 'a' -> write(out, real(spec, conversion, args.number(n)));
            case 'E', 'G', 'A', 'F' ->
                write(
                        out,
                        real(spec, Character.toLowerCase(conversion), args.number(n))
                                .toUpperCase(Locale.ROOT));
            case 'q' -> quote(out, args.string(n));
            case 's' -> string(out, spec, machine.text(args.any(n)));
            case 'p' ->
                write(out, spec.padded("0x" + Integer.toHexString(System.identityHashCode(args.any(n))), false));
            default -> throw new LuaError("invalid option '" + whole + "' to 'format'");
        }
    }

    private static void write(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        out.write(bytes, 0, bytes.length);
    }

    private static void string(ByteArrayOutputStream out, Spec spec, LuaString value) {
        int length = spec.precision() >= 0 ? Math.min(spec.precision(), value.m_length) : value.m_length;
        int missing = Math.max(0, spec.width() - length);
        if (!spec.left()) {
            write(out, " ".repeat(missing));
        }
        out.write(value.m_bytes, value.m_offset, length);
        if (spec.left()) {
            write(out, " ".repeat(missing));
        }
    }

    private static void quote(ByteArrayOutputStream out, LuaString value) {
        out.write('"');
        for (int i = 0; i < value.m_length; i++) {
            char c = at(value, i);
            if (c == '"' || c == '\\' || c == '\n') {
                out.write('\\');
                out.write(c);
            } else if (c < 32 || c == 127) {
                boolean digitFollows = Character.isDigit(at(value, i + 1));
                write(out, digitFollows ? String.format("\\%03d", (int) c) : "\\" + (int) c);
            } else {
                out.write(c);
            }
        }
        out.write('"');
    }

    private static long bits(double value) {
        return value >= 9223372036854775808.0 && value < UNSIGNED ? (long) (value - UNSIGNED) : (long) value;
    }

    private static String digits(Spec spec, String figures) {
        if (spec.precision() == 0 && figures.equals("0")) {
            return "";
        }
        return "0".repeat(Math.max(0, spec.precision() - figures.length())) + figures;
    }

    private static String integer(Spec spec, long value) {
        String figures = Long.toString(value);
        String text = value < 0 ? "-" + digits(spec, figures.substring(1)) : spec.signed(digits(spec, figures));
        return spec.padded(text, spec.precision() < 0);
    }

    private static String unsigned(Spec spec, String figures) {
        return spec.padded(digits(spec, figures), spec.precision() < 0);
    }

    private static String hexadecimal(Spec spec, long value) {
        String text = digits(spec, Long.toHexString(value));
        return spec.padded(spec.alternate() && value != 0 ? "0x" + text : text, spec.precision() < 0);
    }

    private static String real(Spec spec, char conversion, double value) {
        if (!Double.isFinite(value)) {
            return spec.padded(spec.signed(Numbers.notFinite(value)), false);
        }
        int precision = spec.precision() < 0 ? 6 : spec.precision();
        String text = switch (conversion) {
            case 'f' -> fixed(value, precision, spec.alternate());
            case 'e' -> scientific(value, precision, spec.alternate());
            case 'g' -> Numbers.general(value, precision, spec.alternate());
            default -> hexadecimalFloat(value);
        };
        return spec.padded(spec.signed(text), true);
    }

    private static boolean isNegative(double value) {
        return value < 0 || (value == 0 && 1 / value < 0);
    }

    private static String fixed(double value, int precision, boolean point) {
        String text = new BigDecimal(Math.abs(value))
                .setScale(precision, RoundingMode.HALF_UP)
                .toPlainString();
        return (isNegative(value) ? "-" : "") + text + (point && precision == 0 ? "." : "");
    }

    private static String scientific(double value, int precision, boolean point) {
        String figures = "0".repeat(precision + 1);
        int exponent = 0;
        if (value != 0) {
            BigDecimal rounded = new BigDecimal(Math.abs(value))
                    .round(new java.math.MathContext(precision + 1, RoundingMode.HALF_UP));
            String unscaled = rounded.unscaledValue().toString();
            exponent = unscaled.length() - 1 - rounded.scale();
            figures = (unscaled + "0".repeat(precision + 1)).substring(0, precision + 1);
        }
        return (isNegative(value) ? "-" : "")
                + figures.charAt(0)
                + (precision > 0 || point ? "." : "")
                + figures.substring(1)
                + Numbers.exponent(exponent);
    }

    private static String hexadecimalFloat(double value) {
        String text = Double.toHexString(value).replace(".0p", "p");
        int exponent = text.indexOf('p') + 1;
        return text.charAt(exponent) == '-' ? text : text.substring(0, exponent) + "+" + text.substring(exponent);
    }
}
