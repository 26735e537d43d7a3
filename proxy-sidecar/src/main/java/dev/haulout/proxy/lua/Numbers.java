package dev.haulout.proxy.lua;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.luaj.vm2.LuaDouble;
import org.luaj.vm2.LuaInteger;
import org.luaj.vm2.LuaNumber;
import org.luaj.vm2.LuaString;
import org.luaj.vm2.LuaValue;

/** Numbers as text and back, as LuaJIT has them. */
public final class Numbers {
    /** How many digits a number is shown with: C's {@code %.14g}. */
    private static final int DIGITS = 14;

    private Numbers() {}

    /** A number as {@code tostring} shows it. */
    public static String text(LuaNumber number) {
        return number instanceof LuaInteger integer ? Integer.toString(integer.v) : text(number.todouble());
    }

    /** A number as {@code tostring} shows it. */
    public static String text(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e14) {
            return value == 0 && 1 / value < 0 ? "-0" : Long.toString((long) value);
        }
        return Double.isFinite(value) ? general(value, DIGITS, false) : notFinite(value);
    }

    /** What C writes for infinities and what is no number. */
    public static String notFinite(double value) {
        return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }

    /**
     * C's {@code %g} of a finite number; halves are rounded up, as LuaJIT does it.
     *
     * @param digits how many significant ones
     * @param all whether zeros at the end stay, as with {@code %#g}
     */
    public static String general(double value, int digits, boolean all) {
        int precision = Math.max(digits, 1);
        boolean negative = value < 0 || (value == 0 && 1 / value < 0);
        String sign = negative ? "-" : "";
        if (value == 0) {
            return sign + (all && precision > 1 ? "0." + "0".repeat(precision - 1) : "0");
        }
        BigDecimal rounded = new BigDecimal(Math.abs(value)).round(new MathContext(precision, RoundingMode.HALF_UP));
        String unscaled = rounded.unscaledValue().toString();
        int exponent = unscaled.length() - 1 - rounded.scale();
        StringBuilder figures = new StringBuilder(unscaled);
        while (figures.length() < precision) {
            figures.append('0');
        }
        figures.setLength(precision);
        if (!all) {
            while (figures.length() > 1 && figures.charAt(figures.length() - 1) == '0') {
                figures.setLength(figures.length() - 1);
            }
        }
        return sign
                + (exponent < -4 || exponent >= precision
                        ? scientific(figures, exponent, all)
                        : fixed(figures, exponent, all));
    }

    private static String scientific(StringBuilder figures, int exponent, boolean all) {
        if (figures.length() > 1 || all) {
            figures.insert(1, '.');
        }
        return figures + exponent(exponent);
    }

    /** Such as {@code e+05}. */
    public static String exponent(int exponent) {
        return "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private static String fixed(StringBuilder figures, int exponent, boolean all) {
        if (exponent < 0) {
            return "0." + "0".repeat(-exponent - 1) + figures;
        }
        while (figures.length() <= exponent) {
            figures.append('0');
        }
        if (figures.length() > exponent + 1 || all) {
            figures.insert(exponent + 1, '.');
        }
        return figures.toString();
    }

    /** The number a string stands for, in decimal or hexadecimal; null when it is none. */
    public static LuaValue parse(LuaString string) {
        String text = new String(string.m_bytes, string.m_offset, string.m_length, StandardCharsets.ISO_8859_1);
        int start = 0;
        int end = text.length();
        while (start < end && isSpace(text.charAt(start))) {
            start++;
        }
        while (end > start && isSpace(text.charAt(end - 1))) {
            end--;
        }
        boolean negative = start < end && text.charAt(start) == '-';
        if (negative || (start < end && text.charAt(start) == '+')) {
            start++;
        }
        String figures = text.substring(start, end).toLowerCase(Locale.ROOT);
        double value;
        if (figures.startsWith("0x")) {
            value = hexadecimal(figures.substring(2));
        } else if (figures.startsWith("0b")) {
            value = binary(figures.substring(2));
        } else if (figures.equals("inf") || figures.equals("infinity")) {
            value = Double.POSITIVE_INFINITY;
        } else if (figures.equals("nan")) {
            return LuaDouble.NAN;
        } else {
            value = decimal(figures);
        }
        return Double.isNaN(value) ? null : LuaDouble.valueOf(negative ? -value : value);
    }

    private static boolean isSpace(char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }

    private static double decimal(String figures) {
        int digits = 0;
        boolean point = false;
        for (int i = 0; i < figures.length(); i++) {
            char c = figures.charAt(i);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' && !point) {
                point = true;
            } else if (c == 'e' && digits > 0) {
                return isExponent(figures, i + 1) ? Double.parseDouble(figures) : Double.NaN;
            } else {
                return Double.NaN;
            }
        }
        return digits > 0 ? Double.parseDouble(figures) : Double.NaN;
    }

    private static boolean isExponent(String figures, int from) {
        int at = from;
        if (at < figures.length() && (figures.charAt(at) == '+' || figures.charAt(at) == '-')) {
            at++;
        }
        if (at == figures.length()) {
            return false;
        }
        for (; at < figures.length(); at++) {
            if (figures.charAt(at) < '0' || figures.charAt(at) > '9') {
                return false;
            }
        }
        return true;
    }

    private static double binary(String figures) {
        double value = figures.isEmpty() ? Double.NaN : 0;
        for (int i = 0; i < figures.length(); i++) {
            int digit = figures.charAt(i) - '0';
            value = digit == 0 || digit == 1 ? value * 2 + digit : Double.NaN;
        }
        return value;
    }

    private static double hexadecimal(String figures) {
        double value = 0;
        int exponent = 0;
        int digits = 0;
        boolean point = false;
        int at = 0;
        for (; at < figures.length() && figures.charAt(at) != 'p'; at++) {
            char c = figures.charAt(at);
            int digit = Character.digit(c, 16);
            if (c == '.' && !point) {
                point = true;
            } else if (digit >= 0) {
                digits++;
                value = value * 16 + digit;
                exponent -= point ? 4 : 0;
            } else {
                return Double.NaN;
            }
        }
        if (digits == 0) {
            return Double.NaN;
        }
        if (at < figures.length()) {
            if (!isExponent(figures, at + 1) || figures.length() - at > 7) {
                return Double.NaN;
            }
            exponent += Integer.parseInt(figures.substring(at + 1));
        }
        return Math.scalb(value, exponent);
    }
}
