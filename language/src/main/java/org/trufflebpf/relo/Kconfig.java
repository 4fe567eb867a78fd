package org.trufflebpf.relo;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.object.KconfigVar;
import org.trufflebpf.object.ObjectSpec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Fills the map {@code .kconfig} from a kernel configuration, as libbpf does. */
public final class Kconfig {
    private static final String VERSION = "LINUX_KERNEL_VERSION";
    private static final String COOKIE = "LINUX_HAS_BPF_COOKIE";
    private static final String WRAPPER = "LINUX_HAS_SYSCALL_WRAPPER";

    private Kconfig() {}

    /**
     * Reads the text of a kernel configuration ({@code /proc/config.gz} unpacked): lines {@code
     * CONFIG_X=value}; the first one of a name counts.
     */
    public static Map<String, String> parse(String text) {
        Map<String, String> values = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (line.startsWith("CONFIG_") && equals > 0) {
                values.putIfAbsent(line.substring(0, equals), line.substring(equals + 1).strip());
            }
        }
        return values;
    }

    /** The number of {@code KERNEL_VERSION(major, minor, patch)}. */
    public static int version(int major, int minor, int patch) {
        return (major << 16) + (minor << 8) + Math.min(patch, 255);
    }

    /**
     * The value of the map {@code .kconfig}.
     *
     * @param config values by name; {@code LINUX_*} names may be among them and win over the
     *     built-in ones
     * @param kernelVersion for {@code LINUX_KERNEL_VERSION}
     * @throws BpfException if a value does not fit its variable, or a variable that is not weak has
     *     none
     */
    public static byte[] fill(ObjectSpec object, Map<String, String> config, int kernelVersion) {
        Where where = new Where(object.name(), ".kconfig", null, -1, null);
        byte[] data =
                new byte
                        [object.kconfig().isEmpty()
                                ? 0
                                : object.kconfig().getLast().offset()
                                        + object.kconfig().getLast().size()];
        ByteBuffer buffer = ByteBuffer.wrap(data).order(object.order());
        for (KconfigVar variable : object.kconfig()) {
            String value = config.get(variable.name());
            if (value == null) {
                value = builtIn(variable.name(), kernelVersion);
            }
            if (value != null) {
                set(variable, value, buffer, where);
            } else if (!variable.weak()) {
                throw BpfException.unresolved(
                        where,
                        "extern '"
                                + variable.name()
                                + "' (strong): not resolved; give its value or declare it __weak");
            }
        }
        return data;
    }

    private static String builtIn(String name, int kernelVersion) {
        return switch (name) {
            case VERSION -> Integer.toString(kernelVersion);
            case COOKIE, WRAPPER -> "1";
            default -> null;
        };
    }

    private static void set(KconfigVar variable, String value, ByteBuffer buffer, Where where) {
        switch (value) {
            case "y", "m", "n" -> setTristate(variable, value.charAt(0), buffer, where);
            default -> {
                if (value.startsWith("\"")) {
                    setText(variable, value, buffer, where);
                } else {
                    setNumber(variable, value, buffer, where);
                }
            }
        }
    }

    private static void setTristate(
            KconfigVar variable, char value, ByteBuffer buffer, Where where) {
        switch (variable.kind()) {
            case BOOL -> {
                if (value == 'm') {
                    throw fail(variable, "value 'm' implies tristate or char type", where);
                }
                buffer.put(variable.offset(), (byte) (value == 'y' ? 1 : 0));
            }
            case TRISTATE ->
                    buffer.putInt(variable.offset(), value == 'y' ? 1 : value == 'm' ? 2 : 0);
            case CHAR -> buffer.put(variable.offset(), (byte) value);
            default ->
                    throw fail(
                            variable,
                            "value '" + value + "' implies bool, tristate, or char type",
                            where);
        }
    }

    private static void setText(KconfigVar variable, String value, ByteBuffer buffer, Where where) {
        if (variable.kind() != KconfigVar.Kind.STRING) {
            throw fail(variable, "value '" + value + "' implies char array type", where);
        }
        if (value.length() < 2 || !value.endsWith("\"")) {
            throw fail(variable, "invalid string config '" + value + "'", where);
        }
        byte[] text = value.substring(1, value.length() - 1).getBytes(StandardCharsets.UTF_8);
        // a text that is too long is cut off, the last byte stays NUL
        buffer.put(
                variable.offset(), Arrays.copyOf(text, Math.min(text.length, variable.size() - 1)));
    }

    private static void setNumber(
            KconfigVar variable, String value, ByteBuffer buffer, Where where) {
        boolean linux = variable.name().startsWith("LINUX_");
        boolean fits =
                switch (variable.kind()) {
                    case INT, CHAR -> true;
                    case BOOL -> linux;
                    default -> false;
                };
        if (!fits) {
            throw fail(variable, "value '" + value + "' implies integer type", where);
        }
        long number = number(variable, value, where);
        int bits = variable.size() * 8;
        boolean inRange =
                bits == 64
                        || (variable.signed()
                                ? number >= -(1L << (bits - 1)) && number < 1L << (bits - 1)
                                : number >>> bits == 0);
        if (variable.kind() == KconfigVar.Kind.BOOL && (number < 0 || number > 1)) {
            throw fail(variable, "value '" + value + "' isn't boolean compatible", where);
        }
        if (!inRange) {
            throw fail(
                    variable,
                    "value '" + value + "' doesn't fit in " + variable.size() + " bytes",
                    where);
        }
        int offset = variable.offset();
        switch (variable.size()) {
            case 1 -> buffer.put(offset, (byte) number);
            case 2 -> buffer.putShort(offset, (short) number);
            case 4 -> buffer.putInt(offset, (int) number);
            default -> buffer.putLong(offset, number);
        }
    }

    /** As {@code strtoull} with base 0. */
    private static long number(KconfigVar variable, String value, Where where) {
        try {
            boolean negative = value.startsWith("-");
            String digits = negative ? value.substring(1) : value;
            long number;
            if (digits.startsWith("0x") || digits.startsWith("0X")) {
                number = Long.parseUnsignedLong(digits.substring(2), 16);
            } else if (digits.length() > 1 && digits.startsWith("0")) {
                number = Long.parseUnsignedLong(digits, 8);
            } else {
                number = Long.parseUnsignedLong(digits);
            }
            return negative ? -number : number;
        } catch (NumberFormatException e) {
            throw fail(variable, "value '" + value + "' isn't a valid integer", where);
        }
    }

    private static BpfException fail(KconfigVar variable, String message, Where where) {
        return BpfException.malformed(where, "extern (kcfg) '" + variable.name() + "': " + message);
    }
}
