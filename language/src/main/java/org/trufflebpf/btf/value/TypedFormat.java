package org.trufflebpf.btf.value;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.failure.BpfException;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Bytes as values of a BTF type. The tree consists of {@code Map<String, Object>} for structs,
 * unions and sections of data (members of anonymous members stand beside the named ones), {@code
 * List<Object>} for arrays, {@code String} for enumerators, text and pointers, {@code Boolean},
 * {@code Long}, {@code BigInteger} where a long does not do, and {@code Double}; all of it can be
 * written as JSON.
 */
public final class TypedFormat {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NODES = 4_000_000;

    private static final Pattern WORD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*|0x[0-9a-f]+");

    private final Btf btf;
    private final ByteOrder order;

    public TypedFormat(Btf btf, ByteOrder order) {
        this.btf = btf;
        this.order = order;
    }

    /**
     * The value of a type.
     *
     * @param typeId also a VAR or a DATASEC
     * @throws BpfException if there are fewer bytes than the type has, or the type has no values
     */
    public Object tree(int typeId, byte[] bytes) {
        return new Walk(bytes, false).value(typeId, 0, 0, 0);
    }

    /** The value in one line, such as {@code {packets=3, bytes=180}}. */
    public String text(int typeId, byte[] bytes) {
        StringBuilder text = new StringBuilder();
        append(text, new Walk(bytes, true).value(typeId, 0, 0, 0));
        return text.toString();
    }

    /**
     * A tree in one line. A tree does not tell the text of a char array from the name of an
     * enumerator, so what looks like a word or a pointer stands without quotes; {@link #text(int,
     * byte[])} knows better.
     */
    public static String text(Object tree) {
        StringBuilder text = new StringBuilder();
        append(text, tree);
        return text.toString();
    }

    private static void append(StringBuilder text, Object tree) {
        switch (tree) {
            case Map<?, ?> map -> {
                String separator = "";
                text.append('{');
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    text.append(separator).append(entry.getKey()).append('=');
                    append(text, entry.getValue());
                    separator = ", ";
                }
                text.append('}');
            }
            case List<?> list -> {
                String separator = "";
                text.append('[');
                for (Object element : list) {
                    text.append(separator);
                    append(text, element);
                    separator = ", ";
                }
                text.append(']');
            }
            case String word -> text.append(WORD.matcher(word).matches() ? word : new Quoted(word));
            default -> text.append(tree);
        }
    }

    /** Text of a char array in a line, where names of enumerators stand without quotes. */
    private record Quoted(String value) {
        @Override
        public String toString() {
            return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }
    }

    /** One conversion. */
    private final class Walk {
        private final byte[] bytes;
        private final boolean quote;
        private int nodes;

        Walk(byte[] bytes, boolean quote) {
            this.bytes = bytes;
            this.quote = quote;
        }

        Object value(int typeId, long bitOffset, int bitSize, int depth) {
            if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
                throw BpfException.limit(
                        btf.where(),
                        "BTF type " + typeId + " is nested too deeply, or too large to be shown");
            }
            return switch (btf.resolve(typeId)) {
                case BtfType.Int type -> integer(type, bitOffset, bitSize);
                case BtfType.Enumeration type -> enumerator(type, bitOffset, bitSize);
                case BtfType.Ptr type -> "0x" + read(type, bitOffset, 64, false).toString(16);
                case BtfType.Floating type -> number(type, bitOffset);
                case BtfType.Array type -> array(type, bitOffset, depth);
                case BtfType.Composite type -> {
                    Map<String, Object> members = new LinkedHashMap<>();
                    addMembers(type, bitOffset, depth, members);
                    yield members;
                }
                case BtfType.Var type -> value(type.type(), bitOffset, 0, depth + 1);
                case BtfType.Datasec type -> {
                    Map<String, Object> variables = new LinkedHashMap<>();
                    for (BtfType.VarInfo info : type.vars()) {
                        variables.put(
                                btf.name(info.type()),
                                value(info.type(), info.offset() * 8, 0, depth + 1));
                    }
                    yield variables;
                }
                default ->
                        throw BpfException.malformed(
                                btf.where(),
                                "BTF type "
                                        + typeId
                                        + " ("
                                        + btf.kind(typeId).label()
                                        + ") has no values");
            };
        }

        private BigInteger read(BtfType type, long bitOffset, int width, boolean signed) {
            if (bitOffset + width > 8L * bytes.length) {
                throw BpfException.malformed(
                        btf.where(),
                        "value of "
                                + bytes.length
                                + " bytes is too short for BTF type "
                                + type.id()
                                + " at offset "
                                + bitOffset / 8
                                + " with "
                                + (width + 7) / 8
                                + " bytes");
            }
            return Bits.read(bytes, bitOffset, width, signed, order);
        }

        private Object integer(BtfType.Int type, long bitOffset, int bitSize) {
            int width = bitSize > 0 ? bitSize : type.size() * 8;
            long at = bitOffset;
            if (bitSize == 0 && type.bits() > 0 && (type.bits() < width || type.bitOffset() > 0)) {
                // a bit-field of the old form
                width = type.bits();
                at += type.bitOffset();
            }
            BigInteger value = read(type, at, width, type.isSigned());
            return type.isBool() ? (Object) (value.signum() != 0) : plain(value);
        }

        private static Object plain(BigInteger value) {
            return value.bitLength() < 64 ? (Object) value.longValue() : value;
        }

        private Object enumerator(BtfType.Enumeration type, long bitOffset, int bitSize) {
            int width = bitSize > 0 ? bitSize : type.size() * 8;
            BigInteger value = read(type, bitOffset, width, type.signed());
            String name = type.nameOf(value.longValue());
            return name != null ? name : plain(value);
        }

        private Object number(BtfType.Floating type, long bitOffset) {
            BigInteger raw = read(type, bitOffset, type.size() * 8, false);
            return switch (type.size()) {
                case 4 -> (double) Float.intBitsToFloat(raw.intValue());
                case 8 -> Double.longBitsToDouble(raw.longValue());
                default -> "0x" + raw.toString(16);
            };
        }

        private Object array(BtfType.Array type, long bitOffset, int depth) {
            long size = btf.sizeOf(type.element());
            long available = bytes.length - bitOffset / 8;
            if (size < 0
                    || (size > 0 && type.count() > available / size)
                    || (size == 0 && type.count() > MAX_NODES)) {
                throw BpfException.malformed(
                        btf.where(),
                        "value of "
                                + bytes.length
                                + " bytes is too short for the array of "
                                + type.count()
                                + " elements at offset "
                                + bitOffset / 8);
            }
            if (size == 1 && bitOffset % 8 == 0 && isChar(type.element())) {
                String text = printable((int) (bitOffset / 8), (int) type.count());
                if (text != null) {
                    return quote ? new Quoted(text) : text;
                }
            }
            List<Object> elements = new ArrayList<>();
            for (long i = 0; i < type.count(); i++) {
                elements.add(value(type.element(), bitOffset + i * size * 8, 0, depth + 1));
            }
            return elements;
        }

        /**
         * The text of a char array that holds printable characters, then only NULs; else {@code
         * null}.
         */
        private String printable(int offset, int count) {
            int length = 0;
            while (length < count && bytes[offset + length] != 0) {
                int c = bytes[offset + length];
                if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
                    return null;
                }
                length++;
            }
            for (int i = length; i < count; i++) {
                if (bytes[offset + i] != 0) {
                    return null;
                }
            }
            return new String(bytes, offset, length, StandardCharsets.US_ASCII);
        }

        private void addMembers(
                BtfType.Composite type, long bitOffset, int depth, Map<String, Object> members) {
            for (BtfType.Member member : type.members()) {
                long at = bitOffset + member.bitOffset();
                if (member.name().isEmpty()
                        && depth < MAX_DEPTH
                        && ++nodes < MAX_NODES
                        && btf.resolve(member.type()) instanceof BtfType.Composite anonymous) {
                    addMembers(anonymous, at, depth + 1, members);
                } else if (!member.name().isEmpty()) {
                    members.put(
                            member.name(), value(member.type(), at, member.bitSize(), depth + 1));
                }
            }
        }
    }

    private boolean isChar(int typeId) {
        return isChar(btf, typeId);
    }

    static boolean isChar(Btf btf, int typeId) {
        return btf.resolve(typeId) instanceof BtfType.Int type
                && type.size() == 1
                && (type.name().equals("char") || (type.encoding() & BtfType.Int.CHAR) != 0);
    }

    /** Bytes without a type, as bpftool prints them. */
    public static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes);
    }

    /**
     * The number that a value without a type stands for in a byte order; only for 1, 2, 4 and 8
     * bytes.
     */
    public static Long number(byte[] bytes, ByteOrder order) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(order);
        return switch (bytes.length) {
            case 1 -> (long) (bytes[0] & 0xff);
            case 2 -> (long) (buffer.getShort() & 0xffff);
            case 4 -> buffer.getInt() & 0xffff_ffffL;
            case 8 -> buffer.getLong();
            default -> null;
        };
    }
}
