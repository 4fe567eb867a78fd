package org.trufflebpf.btf;

import org.trufflebpf.elf.ByteView;
import org.trufflebpf.elf.ElfFile;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A parsed BTF: types by id. Parsing checks the form of every type and that each reference and name
 * is in range, and keeps the words as they are; the objects of {@link BtfType} are made when they
 * are asked for, because a kernel's BTF has more than a hundred thousand of them and a program
 * needs a few. What is made later depends on the words alone, so threads may share a {@code Btf}
 * without locks.
 */
public final class Btf {
    private static final int MAGIC = 0xeb9f;
    private static final int HEADER_SIZE = 24;
    private static final int NAME_LIMIT = 16 * 1024;

    /**
     * As libbpf's {@code MAX_RESOLVE_DEPTH}, but for chains of aliases too; more can only be a
     * cycle.
     */
    private static final int MAX_DEPTH = 32;

    private static final BtfType VOID = new BtfType.Nothing();

    private final ByteView strings;
    private final int[] words;

    /** For each type the index of its first word; entry 0 (void) is unused. */
    private final int[] starts;

    private final BtfType[] types;
    private final Map<Integer, String> texts = new ConcurrentHashMap<>();
    private final AtomicLong textBudget;
    private volatile BtfNames names;
    private volatile DeclTags tags;

    private Btf(ByteView strings, int[] words, int[] starts) {
        this.strings = strings;
        this.words = words;
        this.starts = starts;
        this.types = new BtfType[starts.length];
        this.textBudget = new AtomicLong(64L * strings.length() + NAME_LIMIT);
    }

    /** Reads a raw BTF file or the {@code .BTF} section of an ELF object. */
    public static Btf parse(String name, byte[] bytes) {
        if (ElfFile.isElf(bytes)) {
            ElfFile elf = ElfFile.parse(name, bytes);
            ElfSection section = elf.section(".BTF");
            if (section == null) {
                throw BpfException.malformed(elf.where(), "no .BTF section; compile with -g");
            }
            return parse(elf.contents(section));
        }
        return parse(ByteView.of(bytes, ByteOrder.LITTLE_ENDIAN, Where.file(name)));
    }

    /** Reads BTF data; the byte order is that of its magic number. */
    public static Btf parse(ByteView data) {
        ByteView view = data.withOrder(orderOf(data, MAGIC, "BTF"));
        if (view.u8(2) != 1) {
            throw view.malformed("BTF version " + view.u8(2) + ", expected 1");
        }
        long header = view.u32(4);
        if (header < HEADER_SIZE) {
            throw view.malformed(
                    "BTF header of " + header + " bytes, expected at least " + HEADER_SIZE);
        }
        ByteView body =
                view.slice(header, view.length() - Math.min(header, view.length()), "BTF header");
        ByteView typeView = body.slice(view.u32(8), view.u32(12), "BTF type section");
        ByteView strings = body.slice(view.u32(16), view.u32(20), "BTF string section");
        if (view.u32(8) % 4 != 0 || typeView.length() % 4 != 0) {
            throw view.malformed("BTF type section is not aligned to 4 bytes");
        }
        if (strings.length() == 0 || strings.u8(0) != 0 || strings.u8(strings.length() - 1L) != 0) {
            throw view.malformed("BTF string section has to begin and end with a NUL");
        }
        int[] words = typeView.words();
        int[] starts = BtfChecker.starts(words, view);
        BtfChecker.checkReferences(words, starts, strings.length(), view);
        return new Btf(strings, words, starts);
    }

    static ByteOrder orderOf(ByteView data, int magic, String what) {
        int first = data.withOrder(ByteOrder.LITTLE_ENDIAN).u16(0);
        if (first == magic) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        if (first == (Short.reverseBytes((short) magic) & 0xffff)) {
            return ByteOrder.BIG_ENDIAN;
        }
        throw data.malformed(
                what
                        + " magic 0x"
                        + Integer.toHexString(first)
                        + ", expected 0x"
                        + Integer.toHexString(magic));
    }

    /**
     * The same BTF with other contents of some DATASECs: a compiler leaves offsets and sizes of
     * variables to the ELF symbols, and a loader fills them in.
     */
    public Btf withDatasecs(List<BtfType.Datasec> replaced) {
        Btf copy = new Btf(strings, words, starts);
        for (BtfType.Datasec datasec : replaced) {
            copy.types[datasec.id()] = datasec;
        }
        return copy;
    }

    public ByteOrder order() {
        return strings.order();
    }

    public Where where() {
        return strings.where();
    }

    /** Number of types, void (id 0) included. */
    public int typeCount() {
        return starts.length;
    }

    /** The 32-bit words of a type's record as they stand in the file; a copy. */
    public int[] record(int id) {
        int start = start(id);
        int end = start + 3 + kind(id).extraWords(words[start + 1] & 0xffff);
        return Arrays.copyOfRange(words, start, end);
    }

    public BtfKind kind(int id) {
        return id == 0 ? BtfKind.UNKN : BtfKind.of(BtfChecker.kindOf(words[start(id) + 1]));
    }

    /** The type of an id. */
    public BtfType type(int id) {
        if (id == 0) {
            return VOID;
        }
        int start = start(id);
        BtfType type = types[id];
        if (type == null) {
            type = decode(id, start);
            types[id] = type;
        }
        return type;
    }

    /** The name of a type, empty if it has none. */
    public String name(int id) {
        return type(id).name();
    }

    /** The text at an offset of the string section. */
    public String text(int offset) {
        if (offset == 0) {
            return "";
        }
        String known = texts.get(offset);
        if (known != null) {
            return known;
        }
        String text = strings.text(offset & 0xffff_ffffL, NAME_LIMIT);
        if (textBudget.addAndGet(-text.length()) < 0) {
            throw BpfException.limit(
                    strings.where(),
                    "the names in the BTF are larger than 64 times its string section");
        }
        texts.put(offset, text);
        return text;
    }

    /** The first type with that name and kind, or 0. */
    public int find(String name, BtfKind kind) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        BtfNames index = names();
        for (int id = index.first(wanted); id != 0; id = index.next(id)) {
            if (kind(id) == kind && index.hasName(id, wanted)) {
                return id;
            }
        }
        return 0;
    }

    /** The first named struct, union, enum, typedef, int, or other type with that name, or 0. */
    public int find(String name) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        BtfNames index = names();
        for (int id = index.first(wanted); id != 0; id = index.next(id)) {
            if (index.hasName(id, wanted)) {
                return id;
            }
        }
        return 0;
    }

    /**
     * The ids of all types whose name without its {@code ___flavor} equals that of {@code name}, in
     * order.
     */
    public List<Integer> candidates(String name) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        BtfNames index = names();
        List<Integer> found = new ArrayList<>();
        for (int id = index.first(wanted); id != 0; id = index.next(id)) {
            if (index.hasEssentialName(id, wanted)) {
                found.add(id);
            }
        }
        return found;
    }

    /** The first struct with that name, else the first union, or 0. */
    public int findComposite(String name) {
        int struct = find(name, BtfKind.STRUCT);
        return struct != 0 ? struct : find(name, BtfKind.UNION);
    }

    /** The prototype of a {@code FUNC}; {@code null} for what is none, such as 0. */
    public BtfType.FuncProto proto(int function) {
        return type(function) instanceof BtfType.Func declared
                        && type(declared.proto()) instanceof BtfType.FuncProto proto
                ? proto
                : null;
    }

    /** The declaration tags of all types. */
    public DeclTags tags() {
        if (tags == null) {
            tags = new DeclTags(this);
        }
        return tags;
    }

    /** The id behind typedefs, const, volatile, restrict and type tags. */
    public int skipModifiers(int id) {
        int at = id;
        for (int depth = 0; depth <= MAX_DEPTH; depth++) {
            BtfKind kind = kind(at);
            if (!kind.isModifier() && kind != BtfKind.TYPEDEF) {
                return at;
            }
            at = words[starts[at] + 2];
        }
        throw BpfException.malformed(
                strings.where(),
                "BTF type " + id + " is behind more than " + MAX_DEPTH + " typedefs and modifiers");
    }

    /** The type behind typedefs, const, volatile, restrict and type tags. */
    public BtfType resolve(int id) {
        return type(skipModifiers(id));
    }

    /**
     * Bytes that a value of a type takes, or -1 for a type without a size (void, functions, forward
     * declarations).
     */
    public long sizeOf(int id) {
        long factor = 1;
        int at = id;
        for (int depth = 0; depth <= MAX_DEPTH; depth++) {
            int start = at == 0 ? -1 : start(at);
            switch (kind(at)) {
                case INT, STRUCT, UNION, ENUM, ENUM64, FLOAT -> {
                    return times(factor, words[start + 2] & 0xffff_ffffL);
                }
                case DATASEC -> {
                    return times(factor, ((BtfType.Datasec) type(at)).size());
                }
                case PTR -> {
                    return times(factor, 8);
                }
                case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG, VAR, DECL_TAG ->
                        at = words[start + 2];
                case ARRAY -> {
                    factor = times(factor, words[start + 5] & 0xffff_ffffL);
                    at = words[start + 3];
                }
                default -> {
                    return -1;
                }
            }
        }
        return -1;
    }

    /** Alignment of a type in bytes, at least 1; libbpf's rule. */
    public int alignOf(int id) {
        return new Alignment().of(id, 0);
    }

    /** One question for an alignment; composites in composites make it a search, which must end. */
    private final class Alignment {
        private static final int MAX_STEPS = 100_000;

        private int steps;

        int of(int id, int depth) {
            if (depth > MAX_DEPTH || ++steps > MAX_STEPS) {
                throw BpfException.limit(
                        strings.where(), "BTF type " + id + " is nested too deeply");
            }
            return switch (resolve(id)) {
                case BtfType.Int type -> Math.clamp(type.size(), 1, 8);
                case BtfType.Enumeration type -> Math.clamp(type.size(), 1, 8);
                case BtfType.Floating type -> Math.clamp(type.size(), 1, 8);
                case BtfType.Ptr type -> 8;
                case BtfType.Array type -> of(type.element(), depth + 1);
                case BtfType.Composite type -> ofComposite(type, depth);
                default -> 1;
            };
        }

        private int ofComposite(BtfType.Composite type, int depth) {
            int align = 1;
            for (BtfType.Member member : type.members()) {
                int memberAlign = of(member.type(), depth + 1);
                if (member.bitSize() == 0 && member.bitOffset() % (8L * memberAlign) != 0) {
                    return 1;
                }
                align = Math.max(align, memberAlign);
            }
            // a size that is no multiple of the alignment means a packed composite
            return type.size() % align == 0 ? align : 1;
        }
    }

    /** A product that stops at the largest long instead of wrapping. */
    private static long times(long left, long right) {
        if (left != 0 && right > Long.MAX_VALUE / left) {
            return Long.MAX_VALUE;
        }
        return left * right;
    }

    /** The length of a name without its {@code ___flavor} (libbpf's "essential name"). */
    public static int essentialLength(String name) {
        return BtfNames.essentialLength(
                name.getBytes(StandardCharsets.ISO_8859_1), 0, name.length());
    }

    /** A name without its {@code ___flavor}. */
    public static String essentialName(String name) {
        return name.substring(0, essentialLength(name));
    }

    private BtfNames names() {
        BtfNames index = names;
        if (index == null) {
            index = BtfNames.build(strings.copy(), words, starts);
            names = index;
        }
        return index;
    }

    private int start(int id) {
        if (id <= 0 || id >= starts.length) {
            throw BpfException.malformed(
                    strings.where(),
                    "BTF type "
                            + Integer.toUnsignedString(id)
                            + " does not exist, the last is "
                            + (starts.length - 1));
        }
        return starts[id];
    }

    private BtfType decode(int id, int start) {
        String name = text(words[start]);
        int info = words[start + 1];
        int third = words[start + 2];
        int vlen = info & 0xffff;
        boolean flag = info < 0;
        int extra = start + 3;
        BtfKind kind = kind(id);
        return switch (kind) {
            case INT -> {
                int bits = words[extra];
                yield new BtfType.Int(
                        id, name, third, bits >>> 24 & 0xf, bits >>> 16 & 0xff, bits & 0xff);
            }
            case PTR -> new BtfType.Ptr(id, third);
            case ARRAY ->
                    new BtfType.Array(
                            id, words[extra], words[extra + 1], words[extra + 2] & 0xffff_ffffL);
            case STRUCT, UNION -> {
                List<BtfType.Member> members = new ArrayList<>(vlen);
                for (int i = 0, at = extra; i < vlen; i++, at += 3) {
                    int offset = words[at + 2];
                    members.add(
                            new BtfType.Member(
                                    text(words[at]),
                                    words[at + 1],
                                    flag ? offset & 0xff_ffff : offset & 0xffff_ffffL,
                                    flag ? offset >>> 24 : 0));
                }
                yield new BtfType.Composite(id, kind, name, third & 0xffff_ffffL, members);
            }
            case ENUM -> {
                List<BtfType.Value> values = new ArrayList<>(vlen);
                for (int i = 0, at = extra; i < vlen; i++, at += 2) {
                    int value = words[at + 1];
                    values.add(
                            new BtfType.Value(
                                    text(words[at]), flag ? value : value & 0xffff_ffffL));
                }
                yield new BtfType.Enumeration(id, kind, name, third, flag, values);
            }
            case ENUM64 -> {
                List<BtfType.Value> values = new ArrayList<>(vlen);
                for (int i = 0, at = extra; i < vlen; i++, at += 3) {
                    long value = (words[at + 1] & 0xffff_ffffL) | ((long) words[at + 2] << 32);
                    values.add(new BtfType.Value(text(words[at]), value));
                }
                yield new BtfType.Enumeration(id, kind, name, third, flag, values);
            }
            case FWD -> new BtfType.Forward(id, name, flag);
            case TYPEDEF, VOLATILE, CONST, RESTRICT, TYPE_TAG ->
                    new BtfType.Alias(id, kind, name, third);
            case FUNC -> new BtfType.Func(id, name, third, vlen);
            case FUNC_PROTO -> {
                List<BtfType.Param> params = new ArrayList<>(vlen);
                for (int i = 0, at = extra; i < vlen; i++, at += 2) {
                    params.add(new BtfType.Param(text(words[at]), words[at + 1]));
                }
                yield new BtfType.FuncProto(id, third, params);
            }
            case VAR -> new BtfType.Var(id, name, third, words[extra]);
            case DATASEC -> {
                List<BtfType.VarInfo> vars = new ArrayList<>(vlen);
                for (int i = 0, at = extra; i < vlen; i++, at += 3) {
                    vars.add(
                            new BtfType.VarInfo(
                                    words[at],
                                    words[at + 1] & 0xffff_ffffL,
                                    words[at + 2] & 0xffff_ffffL));
                }
                yield new BtfType.Datasec(id, name, third & 0xffff_ffffL, vars);
            }
            case FLOAT -> new BtfType.Floating(id, name, third);
            case DECL_TAG -> new BtfType.DeclTag(id, name, third, words[extra]);
            case UNKN -> throw new IllegalStateException("kinds were checked while parsing");
        };
    }
}
