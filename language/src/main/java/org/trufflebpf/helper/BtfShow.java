package org.trufflebpf.helper;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

import java.math.BigInteger;

/**
 * Writes a value as the kernel's {@code btf_type_show} does: {@code (struct rlimit){.rlim_cur =
 * (__kernel_ulong_t)1,}}, with its habits: what is zero is left out, characters are quoted up to
 * the first NUL, elements of an array have no brace of their own, and of an array of pointers each
 * element is the first. One object shows one value.
 */
final class BtfShow {
    static final int COMPACT = 1;
    static final int NONAME = 2;
    static final int PTR_RAW = 4;
    static final int ZERO = 8;
    static final int KNOWN = 15;

    /** How deep pointers, arrays and typedefs may follow each other in a name. */
    private static final int MAX_DEPTH = 10;

    /** Characters of a member's name and type together, and a NUL. */
    private static final int NAME_SIZE = 80;

    private static final int MAX_INDENT = 32;

    /** Bytes that the kernel copies at once; a fault in the first ones is told. */
    private static final int SAFE_SIZE = 32;

    private final Run run;
    private final Btf btf;
    private final int flags;
    private final StringBuilder out = new StringBuilder();

    // the value at hand
    private BtfType type;
    private int typeId;
    private BtfType.Member member;
    private boolean arrayMember;
    private boolean characters;
    private boolean terminated;
    private int depth;

    /** How deep something was found that is not zero. */
    private int depthToShow;

    /** While a value is only looked at for what is not zero: one more than its depth. */
    private int depthCheck;

    private long objectEnd;
    private long status;

    BtfShow(Run run, Btf btf, int flags) {
        this.run = run;
        this.btf = btf;
        this.flags = flags;
    }

    /** Shows the value of a type at an address; 0 or a negative errno. */
    long show(int id, long address) {
        value(btf.type(id), id, address, 0);
        return status;
    }

    /** What was written. */
    String text() {
        return out.toString();
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    // ---- kinds of values

    private void value(BtfType shown, int id, long address, int bitOffset) {
        switch (shown) {
            case BtfType.Int number -> number(number, id, address, bitOffset);
            case BtfType.Ptr pointer -> pointer(pointer, id, address);
            case BtfType.Array array -> aggregate(array, id, address);
            case BtfType.Composite composite -> aggregate(composite, id, address);
            case BtfType.Enumeration enumeration -> enumerator(enumeration, id, address);
            case BtfType.Alias alias -> value(btf.resolve(alias.id()), id, address, bitOffset);
            default -> write("<unsupported kind:" + shown.kind().ordinal() + ">");
        }
    }

    private void number(BtfType.Int number, int id, long address, int bitOffset) {
        if (!start(number, id, address)) {
            return;
        }
        int bits = number.bits();
        if (bitOffset != 0 || number.bitOffset() != 0 || bits > 64 || Integer.bitCount(bits) != 1) {
            bits(address, bitOffset + number.bitOffset(), bits);
        } else if (bits == 8 && characters) {
            character(number, memory().getByte(address));
        } else {
            plain(load(address, bits / 8, number.isSigned()), number.isSigned());
        }
        end();
    }

    private void character(BtfType.Int number, byte value) {
        terminated |= value == 0;
        if (terminated) {
            return;
        }
        if (value >= ' ' && value < 0x7f) {
            show(true, "'" + (char) value + "'");
        } else {
            plain(number.isSigned() ? value : Byte.toUnsignedInt(value), number.isSigned());
        }
    }

    private void plain(long value, boolean signed) {
        show(value != 0, signed ? Long.toString(value) : Long.toUnsignedString(value));
    }

    /** A number whose width is none of the usual ones, in hex. */
    private void bits(long address, int bitOffset, int bits) {
        BigInteger value = BigInteger.ZERO;
        int bytes = (bitOffset + bits + 7) / 8;
        for (int i = 0; i < bytes; i++) {
            int at = Byte.toUnsignedInt(memory().getByte(address + i));
            value = value.or(BigInteger.valueOf(at).shiftLeft(8 * i));
        }
        value =
                value.shiftRight(bitOffset)
                        .and(BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE));
        show(value.signum() != 0, "0x" + value.toString(16));
    }

    private void pointer(BtfType.Ptr pointer, int id, long address) {
        if (start(pointer, id, address)) {
            long value = memory().getLong(address);
            show(value != 0, "0x" + Printf.pointer(run, value, has(PTR_RAW)));
            end();
        }
    }

    private void enumerator(BtfType.Enumeration enumeration, int id, long address) {
        if (!start(enumeration, id, address)) {
            return;
        }
        int size = enumeration.kind() == BtfKind.ENUM64 ? 8 : 4;
        long value = load(address, size, enumeration.signed());
        String name = enumeration.nameOf(value);
        if (name != null) {
            show(true, name);
        } else {
            plain(value, enumeration.signed());
        }
        end();
    }

    private Memory memory() {
        return run.memory();
    }

    private long load(long address, int size, boolean signed) {
        return switch (size) {
            case 1 ->
                    signed
                            ? memory().getByte(address)
                            : Byte.toUnsignedInt(memory().getByte(address));
            case 2 ->
                    signed
                            ? memory().getShort(address)
                            : Short.toUnsignedInt(memory().getShort(address));
            case 4 ->
                    signed
                            ? memory().getInt(address)
                            : Integer.toUnsignedLong(memory().getInt(address));
            default -> memory().getLong(address);
        };
    }

    // ---- structures, unions and arrays

    /** Below the top only what is not zero all over is shown: it is looked at first. */
    private void aggregate(BtfType shown, int id, long address) {
        BtfType.Member own = member;
        if (depth > 0 && !has(ZERO)) {
            if (depthCheck == 0) {
                depthCheck = depth + 1;
                depthToShow = 0;
            }
            contents(shown, id, address);
            member = own;
            if (depthCheck != depth + 1) {
                return;
            }
            depthCheck = 0;
            if (depthToShow <= depth) {
                return;
            }
        }
        contents(shown, id, address);
    }

    private void contents(BtfType shown, int id, long address) {
        if (shown instanceof BtfType.Array array) {
            elements(array, id, address);
        } else {
            members((BtfType.Composite) shown, id, address);
        }
    }

    private void members(BtfType.Composite composite, int id, long address) {
        if (!open(composite, id, address)) {
            return;
        }
        for (BtfType.Member each : composite.members()) {
            member = each;
            BtfType memberType = btf.type(each.type());
            long at = address + each.bitOffset() / 8;
            int bitOffset = (int) (each.bitOffset() % 8);
            if (each.bitSize() == 0) {
                value(memberType, each.type(), at, bitOffset);
            } else {
                if (start(memberType, each.type(), at)) {
                    bits(at, bitOffset, each.bitSize());
                }
                end();
            }
            member = null;
        }
        close("}");
    }

    private void elements(BtfType.Array array, int id, long address) {
        BtfType element = btf.resolve(array.element());
        // the kernel gives pointers and arrays no size here
        boolean sized = !(element instanceof BtfType.Ptr || element instanceof BtfType.Array);
        long size = sized ? btf.sizeOf(array.element()) : 0;
        characters =
                element instanceof BtfType.Int number
                        && (size == 1 || number.encoding() == BtfType.Int.CHAR);
        terminated = false;
        if (!open(array, id, address)) {
            return;
        }
        for (long i = 0; i < array.count() && !terminated; i++) {
            arrayMember = true;
            member = null;
            value(element, array.element(), address + i * size, 0);
            arrayMember = false;
            member = null;
        }
        characters = false;
        terminated = false;
        close("]");
    }

    // ---- the frame of a value

    /** Begins a value; false if its memory cannot be read. */
    private boolean start(BtfType shown, int id, long address) {
        type = shown;
        typeId = id;
        long size = Math.max(0, btf.sizeOf(id));
        if (depth == 0) {
            objectEnd = address + size;
        }
        int seen = (int) Math.clamp(objectEnd - address, Math.min(size, SAFE_SIZE), SAFE_SIZE);
        status = memory().isAccessible(address, seen, false) ? 0 : fault(address);
        return status == 0;
    }

    private long fault(long address) {
        return ProbeHelpers.kernelError(run, address);
    }

    private void end() {
        type = null;
        typeId = 0;
    }

    private boolean open(BtfType shown, int id, long address) {
        boolean readable = start(shown, id, address);
        if (readable) {
            write(indent() + name() + newline());
            depth++;
        }
        return readable;
    }

    private void close(String bracket) {
        depth--;
        write(indent() + bracket + delimiter() + newline());
        end();
    }

    private void show(boolean notZero, String text) {
        if (notZero || has(ZERO) || depth == 0) {
            write(indent() + name() + text + delimiter() + newline());
            depthToShow = Math.max(depthToShow, depth);
        }
    }

    private void write(String text) {
        if (depthCheck == 0) {
            out.append(text);
        }
    }

    private String indent() {
        return has(COMPACT) ? "" : " ".repeat(Math.min(depth, MAX_INDENT));
    }

    private String newline() {
        return has(COMPACT) ? "" : "\n";
    }

    private String delimiter() {
        if (depth == 0) {
            return "";
        }
        boolean union = type != null && type.kind() == BtfKind.UNION;
        return has(COMPACT) && union ? "|" : ",";
    }

    /** {@code .member = (type)} and the bracket that opens; nothing for an element of an array. */
    private String name() {
        if (arrayMember) {
            return "";
        }
        int id = member == null ? typeId : member.type();
        BtfType shown = btf.type(id);
        String stars = "";
        String brackets = "";
        String name = null;
        int steps = 0;
        for (; steps < MAX_DEPTH; steps++) {
            if (shown instanceof BtfType.Alias alias && alias.kind() == BtfKind.TYPEDEF) {
                name = name == null ? alias.name() : name;
                id = alias.target();
            } else if (shown instanceof BtfType.Array array) {
                brackets += "[]";
                id = array.element();
            } else if (shown instanceof BtfType.Ptr pointer) {
                stars += "*";
                id = pointer.target();
            } else {
                break;
            }
            if (id == 0) {
                break;
            }
            shown = unqualified(id);
        }
        return steps == MAX_DEPTH ? "" : name(shown, name, stars, brackets);
    }

    private String name(BtfType shown, String typedef, String stars, String brackets) {
        String parens = brackets.isEmpty() ? "" : "[";
        String prefix = "";
        switch (shown.kind()) {
            case STRUCT, UNION -> {
                prefix = shown.kind() == BtfKind.STRUCT ? "struct" : "union";
                parens = brackets.isEmpty() ? "{" : "[";
            }
            case ENUM, ENUM64 -> prefix = "enum";
            default -> {}
        }
        parens = stars.isEmpty() ? parens : "";
        if (has(NONAME)) {
            return parens;
        }
        prefix = typedef == null ? prefix : "";
        String name = typedef == null ? shown.name() : typedef;
        boolean named = member != null && !member.name().isEmpty();
        String text =
                (named ? "." + member.name() + " = " : "")
                        + "("
                        + prefix
                        + (prefix.isEmpty() || name.isEmpty() ? "" : " ")
                        + name
                        + (stars.isEmpty() ? "" : " ")
                        + stars
                        + brackets
                        + ")"
                        + parens;
        return text.substring(0, Math.min(text.length(), NAME_SIZE - 1));
    }

    /** The type behind qualifiers, but not behind a typedef. */
    private BtfType unqualified(int id) {
        BtfType shown = btf.type(id);
        while (shown instanceof BtfType.Alias alias && alias.kind() != BtfKind.TYPEDEF) {
            shown = btf.type(alias.target());
        }
        return shown;
    }
}
