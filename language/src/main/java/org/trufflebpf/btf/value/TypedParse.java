package org.trufflebpf.btf.value;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;

import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Text to bytes of a BTF type:
 *
 * <ul>
 *   <li>numbers {@code 10}, {@code -3}, {@code 0xff}; {@code true} and {@code false}; names of
 *       enumerators; floats
 *   <li>{@code 10.0.0.1}, {@code fe80::1}, {@code 02:00:00:00:00:01} for what has 4, 16 or 6 bytes,
 *       in network order
 *   <li>{@code 10.0.0.0/8} for the key of an LPM trie, a struct of a 32-bit prefix length and an
 *       address
 *   <li>{@code {field=1, other={...}}} for structs, the outermost braces being optional; what is
 *       not named is zero
 *   <li>{@code [1,2,3]} for arrays; {@code "text"} or bare text for char arrays
 *   <li>{@code hex:0a0b} for anything, {@code 0a 0b} for arrays of bytes and for what has no type
 * </ul>
 */
public final class TypedParse {
    private static final int MAX_DEPTH = 32;

    private final Btf btf;
    private final ByteOrder order;

    /** {@code btf} may be {@code null} when only type 0 is asked for. */
    public TypedParse(Btf btf, ByteOrder order) {
        this.btf = btf;
        this.order = order;
    }

    /**
     * The bytes of a value.
     *
     * @param typeId its type, or 0 if it has none
     * @param size its size, which the type has to have
     * @param what names the value in messages, such as {@code key of map counters}
     * @throws BpfException USAGE if the text is no value of the type
     */
    public byte[] parse(int typeId, int size, String text, String what) {
        String trimmed = text.strip();
        byte[] hex = prefixedHex(trimmed);
        if (hex != null) {
            return sized(hex, size, trimmed, what);
        }
        if (typeId == 0 || btf == null) {
            return untyped(trimmed, size, what);
        }
        byte[] bytes = new byte[size];
        if (btf.sizeOf(typeId) != size) {
            throw BpfException.usage(
                    what + ": the type has " + btf.sizeOf(typeId) + " bytes, the value " + size);
        }
        Cursor cursor = new Cursor(trimmed, what, bytes);
        cursor.top(typeId);
        return bytes;
    }

    /** The bytes of a value without a type. */
    private byte[] untyped(String text, int size, String what) {
        byte[] address = AddressText.parse(text, size);
        if (address != null) {
            return address;
        }
        if (text.startsWith("\"")) {
            return padded(unquote(text, what), size, text, what);
        }
        byte[] spaced = spacedHex(text);
        if (spaced != null && spaced.length == size) {
            return spaced;
        }
        BigInteger number = number(text);
        if (number == null) {
            throw BpfException.usage(
                    what
                            + ": '"
                            + text
                            + "' is no value of "
                            + size
                            + " bytes, expected a number, hex:0a0b or 0a 0b");
        }
        if (!Bits.fits(number, size * 8, number.signum() < 0)) {
            throw BpfException.usage(
                    "value " + text + " does not fit the " + size + " bytes of " + what);
        }
        byte[] bytes = new byte[size];
        Bits.write(bytes, 0, size * 8, number, order);
        return bytes;
    }

    private static byte[] prefixedHex(String text) {
        if (!text.startsWith("hex:")) {
            return null;
        }
        String digits = text.substring(4).replaceAll("[\\s:]", "");
        if (digits.length() % 2 != 0 || !digits.matches("[0-9a-fA-F]*")) {
            throw BpfException.usage(
                    "'" + text + "' is not hex, expected pairs of digits such as hex:0a0b");
        }
        return HexFormat.of().parseHex(digits);
    }

    private static byte[] spacedHex(String text) {
        return text.matches("(0x)?[0-9a-fA-F]{2}(\\s+(0x)?[0-9a-fA-F]{2})+")
                ? HexFormat.of().parseHex(text.replace("0x", "").replaceAll("\\s", ""))
                : null;
    }

    private static byte[] sized(byte[] bytes, int size, String text, String what) {
        if (bytes.length != size) {
            throw BpfException.usage(
                    what + ": '" + text + "' has " + bytes.length + " bytes, expected " + size);
        }
        return bytes;
    }

    private static byte[] padded(String value, int size, String text, String what) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > size) {
            throw BpfException.usage(
                    what
                            + ": "
                            + text
                            + " has "
                            + bytes.length
                            + " bytes, at most "
                            + size
                            + " fit");
        }
        return Arrays.copyOf(bytes, size);
    }

    private static String unquote(String text, String what) {
        if (text.length() < 2 || !text.endsWith("\"")) {
            throw BpfException.usage(what + ": " + text + " has no closing quote");
        }
        StringBuilder value = new StringBuilder();
        for (int i = 1; i < text.length() - 1; i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length() - 1) {
                c = text.charAt(++i);
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
            }
            value.append(c);
        }
        return value.toString();
    }

    private static BigInteger number(String text) {
        boolean negative = text.startsWith("-");
        String digits = negative ? text.substring(1) : text;
        BigInteger value;
        if (digits.matches("0[xX][0-9a-fA-F]{1,64}")) {
            value = new BigInteger(digits.substring(2), 16);
        } else if (digits.matches("[0-9]{1,80}")) {
            value = new BigInteger(digits);
        } else {
            return null;
        }
        return negative ? value.negate() : value;
    }

    /** One text being read, and the bytes it fills. */
    private final class Cursor {
        private final String text;
        private final String what;
        private final byte[] bytes;
        private int at;

        Cursor(String text, String what, byte[] bytes) {
            this.text = text;
            this.what = what;
            this.bytes = bytes;
        }

        void top(int typeId) {
            boolean braceless =
                    btf.resolve(typeId) instanceof BtfType.Composite
                            && !text.startsWith("{")
                            && text.matches("(?s)\\.?[A-Za-z_]\\w*\\s*=.*");
            if (braceless) {
                members((BtfType.Composite) btf.resolve(typeId), 0, 0);
            } else {
                value(typeId, 0, 0, "", 0);
            }
            skipBlanks();
            if (at < text.length()) {
                throw fail("'" + text.substring(at) + "' is left over");
            }
        }

        private BpfException fail(String message) {
            return BpfException.usage(what + ": " + message);
        }

        private void skipBlanks() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private boolean take(char c) {
            skipBlanks();
            if (at < text.length() && text.charAt(at) == c) {
                at++;
                return true;
            }
            return false;
        }

        /** A quoted text with its quotes, or all up to the next comma or closing bracket. */
        private String token(boolean inside) {
            skipBlanks();
            int start = at;
            if (at < text.length() && text.charAt(at) == '"') {
                at++;
                while (at < text.length() && text.charAt(at) != '"') {
                    at += text.charAt(at) == '\\' ? 2 : 1;
                }
                at = Math.min(at + 1, text.length());
                return text.substring(start, at);
            }
            while (at < text.length() && (!inside || ",]}".indexOf(text.charAt(at)) < 0)) {
                at++;
            }
            return text.substring(start, at).strip();
        }

        private void value(int typeId, long bitOffset, int bitSize, String field, int depth) {
            if (depth > MAX_DEPTH) {
                throw fail("too deeply nested");
            }
            int id = btf.skipModifiers(typeId);
            skipBlanks();
            boolean open = at < text.length() && (text.charAt(at) == '{' || text.charAt(at) == '[');
            switch (btf.type(id)) {
                case BtfType.Composite type when open -> {
                    if (!take('{')) {
                        throw fail("expected '{' for " + describe(type, field));
                    }
                    members(type, bitOffset, depth);
                    close('}');
                }
                case BtfType.Array array when open -> elements(array, bitOffset, depth);
                case BtfType.Var variable -> value(variable.type(), bitOffset, 0, field, depth + 1);
                default ->
                        scalar(id, bitOffset, bitSize, token(depth > 0 || braced()), field, depth);
            }
        }

        /**
         * Whether commas separate members here: inside of braces, or at the top of {@code a=1,b=2}.
         */
        private boolean braced() {
            return at > 0;
        }

        private void close(char bracket) {
            if (!take(bracket)) {
                throw fail(
                        at < text.length()
                                ? "expected ',' or '"
                                        + bracket
                                        + "' before '"
                                        + text.substring(at)
                                        + "'"
                                : "expected '" + bracket + "' at the end");
            }
        }

        private void members(BtfType.Composite type, long bitOffset, int depth) {
            skipBlanks();
            if (at < text.length() && text.charAt(at) == '}') {
                return;
            }
            do {
                take('.');
                skipBlanks();
                int start = at;
                while (at < text.length() && Character.isJavaIdentifierPart(text.charAt(at))) {
                    at++;
                }
                String name = text.substring(start, at);
                Place place = find(type, name, bitOffset, 0);
                if (name.isEmpty() || place == null) {
                    throw fail("no field `" + name + "` in " + describe(type, "") + names(type));
                }
                if (!take('=') && !take(':')) {
                    throw fail("expected '=' behind field `" + name + "`");
                }
                value(place.type, place.bitOffset, place.bitSize, name, depth + 1);
            } while (take(','));
        }

        private void elements(BtfType.Array array, long bitOffset, int depth) {
            long size = btf.sizeOf(array.element());
            char closing = take('[') ? ']' : '}';
            if (closing == '}') {
                take('{');
            }
            long index = 0;
            if (!take(closing)) {
                do {
                    if (index >= array.count()) {
                        throw fail("more than the " + array.count() + " elements of the array");
                    }
                    value(
                            array.element(),
                            bitOffset + index * size * 8,
                            0,
                            "[" + index + "]",
                            depth + 1);
                    index++;
                } while (take(','));
                close(closing);
            }
        }

        private void scalar(
                int id, long bitOffset, int bitSize, String token, String field, int depth) {
            BtfType type = btf.type(id);
            long size = btf.sizeOf(id);
            byte[] raw = token.startsWith("hex:") ? prefixedHex(token) : null;
            boolean addressable =
                    bitSize == 0
                            && (type instanceof BtfType.Int
                                    || type instanceof BtfType.Array
                                    || type instanceof BtfType.Composite);
            if (raw == null && addressable && !TypedFormat.isChar(btf, elementOf(type))) {
                raw = AddressText.parse(token, size);
            }
            if (raw == null
                    && type instanceof BtfType.Array array
                    && btf.sizeOf(array.element()) == 1) {
                raw =
                        TypedFormat.isChar(btf, array.element())
                                ? padded(
                                        token.startsWith("\"") ? unquote(token, what) : token,
                                        (int) array.count(),
                                        token,
                                        label(field))
                                : spacedHex(token);
            }
            if (raw != null) {
                copy(sized(raw, (int) size, token, label(field)), bitOffset);
                return;
            }
            switch (type) {
                case BtfType.Int integer -> integer(integer, bitOffset, bitSize, token, field);
                case BtfType.Enumeration enumeration ->
                        enumerator(enumeration, bitOffset, bitSize, token, field);
                case BtfType.Ptr pointer ->
                        write(number(token), bitOffset, 64, false, "pointer", token, field);
                case BtfType.Floating number -> floating(number, bitOffset, token, field);
                case BtfType.Composite composite ->
                        composite(composite, bitOffset, token, field, depth);
                default -> throw fail("'" + token + "' is no value of " + describe(type, field));
            }
        }

        private int elementOf(BtfType type) {
            return type instanceof BtfType.Array array ? array.element() : type.id();
        }

        private void copy(byte[] raw, long bitOffset) {
            System.arraycopy(raw, 0, bytes, (int) (bitOffset / 8), raw.length);
        }

        private void integer(
                BtfType.Int type, long bitOffset, int bitSize, String token, String field) {
            int width = bitSize > 0 ? bitSize : type.size() * 8;
            if (type.isBool() && (token.equals("true") || token.equals("false"))) {
                write(
                        token.equals("true") ? BigInteger.ONE : BigInteger.ZERO,
                        bitOffset,
                        width,
                        false,
                        "bool",
                        token,
                        field);
                return;
            }
            BigInteger value = number(token);
            String label = type.isBool() ? "bool" : (type.isSigned() ? "s" : "u") + width;
            if (value != null && type.isBool() && value.bitLength() > 1) {
                throw misfit(token, label, field);
            }
            // a number in hex may spell out all bits of a negative one
            boolean hex = token.startsWith("0x") || token.startsWith("0X");
            write(value, bitOffset, width, type.isSigned() && !hex, label, token, field);
        }

        private void enumerator(
                BtfType.Enumeration type, long bitOffset, int bitSize, String token, String field) {
            int width = bitSize > 0 ? bitSize : type.size() * 8;
            BigInteger value = number(token);
            for (BtfType.Value candidate : type.values()) {
                if (candidate.name().equals(token)) {
                    value = BigInteger.valueOf(candidate.value());
                    if (!type.signed() && value.signum() < 0) {
                        value = value.add(BigInteger.ONE.shiftLeft(64));
                    }
                }
            }
            write(value, bitOffset, width, type.signed(), "enum " + type.name(), token, field);
        }

        private void floating(BtfType.Floating type, long bitOffset, String token, String field) {
            try {
                double value = Double.parseDouble(token);
                long raw =
                        type.size() == 4
                                ? Float.floatToIntBits((float) value) & 0xffff_ffffL
                                : Double.doubleToLongBits(value);
                if (type.size() != 4 && type.size() != 8) {
                    throw fail("a float of " + type.size() + " bytes can only be given as hex:");
                }
                Bits.write(bytes, bitOffset, type.size() * 8, BigInteger.valueOf(raw), order);
            } catch (NumberFormatException e) {
                throw fail("'" + token + "' is no value of " + describe(type, field));
            }
        }

        /** A struct from one word: an LPM key, or the value of its only member. */
        private void composite(
                BtfType.Composite type, long bitOffset, String token, String field, int depth) {
            int slash = token.indexOf('/');
            if (slash > 0 && type.members().size() >= 2) {
                BtfType.Member prefix = type.members().get(0);
                BtfType.Member address = type.members().get(1);
                long size = btf.sizeOf(address.type());
                byte[] raw = AddressText.parse(token.substring(0, slash), size);
                if (raw != null
                        && btf.resolve(prefix.type()) instanceof BtfType.Int length
                        && length.size() == 4) {
                    BigInteger bits = number(token.substring(slash + 1));
                    if (bits == null
                            || bits.signum() < 0
                            || bits.compareTo(BigInteger.valueOf(size * 8)) > 0) {
                        throw fail("prefix of '" + token + "' is not from 0 to " + size * 8);
                    }
                    Bits.write(bytes, bitOffset + prefix.bitOffset(), 32, bits, order);
                    copy(raw, bitOffset + address.bitOffset());
                    return;
                }
            }
            if (type.members().size() == 1 && depth < MAX_DEPTH) {
                BtfType.Member only = type.members().getFirst();
                scalar(
                        btf.skipModifiers(only.type()),
                        bitOffset + only.bitOffset(),
                        only.bitSize(),
                        token,
                        only.name(),
                        depth + 1);
                return;
            }
            throw fail(
                    "'"
                            + token
                            + "' is no value of "
                            + describe(type, field)
                            + ", expected {field=value, ...}"
                            + names(type));
        }

        private void write(
                BigInteger value,
                long bitOffset,
                int width,
                boolean signed,
                String label,
                String token,
                String field) {
            if (value == null) {
                throw fail(
                        "'"
                                + token
                                + "' is no "
                                + label
                                + (field.isEmpty() ? "" : " for field `" + field + "`"));
            }
            if (!Bits.fits(value, width, signed || (value.signum() < 0 && label.startsWith("s")))) {
                throw misfit(token, label, field);
            }
            Bits.write(bytes, bitOffset, width, value, order);
        }

        private BpfException misfit(String token, String label, String field) {
            return fail(
                    "value "
                            + token
                            + " does not fit "
                            + label
                            + (field.isEmpty() ? "" : " field `" + field + "`"));
        }

        private String label(String field) {
            return field.isEmpty() ? what : what + ": field `" + field + "`";
        }

        private String describe(BtfType type, String field) {
            String name = type.name().isEmpty() ? "" : " " + type.name();
            return type.kind().label() + name + (field.isEmpty() ? "" : " (field `" + field + "`)");
        }

        private String names(BtfType.Composite type) {
            StringBuilder names = new StringBuilder("; fields are");
            for (BtfType.Member member :
                    type.members().subList(0, Math.min(16, type.members().size()))) {
                names.append(' ').append(member.name().isEmpty() ? "(anonymous)" : member.name());
            }
            return names.toString();
        }

        private Place find(BtfType.Composite type, String name, long bitOffset, int depth) {
            for (BtfType.Member member : type.members()) {
                long place = bitOffset + member.bitOffset();
                if (member.name().equals(name)) {
                    return new Place(member.type(), place, member.bitSize());
                }
                if (member.name().isEmpty()
                        && depth < MAX_DEPTH
                        && btf.resolve(member.type()) instanceof BtfType.Composite inner) {
                    Place found = find(inner, name, place, depth + 1);
                    if (found != null) {
                        return found;
                    }
                }
            }
            return null;
        }
    }

    /** Where a member stands. */
    private record Place(int type, long bitOffset, int bitSize) {}
}
