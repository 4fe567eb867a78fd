package org.trufflebpf.interop;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.context.ContextStruct;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.ValueFields;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** Makes the layouts of the types of one BTF, each once. Thread-safe. */
final class Layouts {
    private static final int MAX_DEPTH = 32;

    /** Structures of the kernel that only it may look into. */
    private static final Set<String> SPECIAL =
            Arrays.stream(ValueFields.Kind.values())
                    .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.toSet());

    private final Btf btf;
    private final Map<Integer, Layout> known = new ConcurrentHashMap<>();
    private final Map<String, StructLayout> contexts = new ConcurrentHashMap<>();

    /**
     * Layouts of a BTF.
     *
     * @param btf may be {@code null}: then everything is bytes
     */
    Layouts(Btf btf) {
        this.btf = btf;
    }

    Btf btf() {
        return btf;
    }

    /** The layout of a type that has so many bytes; without a type, bytes. */
    Layout of(int typeId, long size) {
        if (btf == null || typeId == 0 || btf.sizeOf(typeId) != size) {
            return new BytesLayout(size);
        }
        return of(typeId);
    }

    /** The layout of a type. */
    Layout of(int typeId) {
        Layout layout = known.get(typeId);
        if (layout == null) {
            layout = make(typeId, 0);
            known.put(typeId, layout);
        }
        return layout;
    }

    /** The structure or union of that name, or {@code null}. */
    StructLayout struct(String name) {
        int id = btf == null ? 0 : btf.findComposite(name);
        return id != 0 && of(id) instanceof StructLayout struct ? struct : null;
    }

    /** The layout of a program type's context. */
    StructLayout context(ContextStruct struct) {
        return contexts.computeIfAbsent(
                struct.name() + " " + struct.size(), name -> ContextLayout.of(struct));
    }

    private Layout make(int typeId, int depth) {
        if (depth > MAX_DEPTH) {
            throw BpfException.limit(
                    btf.where(),
                    "BTF type " + typeId + " is nested more than " + MAX_DEPTH + " deep");
        }
        return switch (btf.resolve(typeId)) {
            case BtfType.Int type -> IntLayout.of(type);
            case BtfType.Enumeration type -> new EnumLayout(type);
            case BtfType.Floating type when type.size() == 4 || type.size() == 8 ->
                    new FloatLayout(type.size());
            case BtfType.Ptr type -> PointerLayout.pointer(label(type.target()));
            case BtfType.Array type ->
                    new ArrayLayout(
                            make(type.element(), depth + 1),
                            type.count(),
                            isChar(btf.resolve(type.element())));
            case BtfType.Composite type when SPECIAL.contains(type.name()) ->
                    PointerLayout.special("struct " + type.name(), type.size());
            case BtfType.Composite type -> struct(type, depth);
            case BtfType.Var type -> make(type.type(), depth + 1);
            case BtfType.Datasec type -> section(type, depth);
            default -> new BytesLayout(Math.max(0, btf.sizeOf(typeId)));
        };
    }

    private static boolean isChar(BtfType type) {
        return type instanceof BtfType.Int integer
                && integer.size() == 1
                && (integer.name().equals("char") || (integer.encoding() & BtfType.Int.CHAR) != 0);
    }

    /** A type's name as C has it. */
    String label(int typeId) {
        BtfType type = btf.type(typeId);
        return switch (type) {
            case BtfType.Composite composite ->
                    composite.kind().label()
                            + (composite.name().isEmpty() ? "" : " " + composite.name());
            case BtfType.Alias alias when alias.name().isEmpty() -> label(alias.target());
            case BtfType.Ptr pointer -> label(pointer.target()) + " *";
            default -> type.name().isEmpty() ? "void" : type.name();
        };
    }

    private StructLayout struct(BtfType.Composite type, int depth) {
        List<StructLayout.Field> fields = new ArrayList<>();
        addFields(type, 0, depth, fields);
        return new StructLayout(label(type.id()), type.size(), fields);
    }

    private void addFields(
            BtfType.Composite type, long bitOffset, int depth, List<StructLayout.Field> fields) {
        for (BtfType.Member member : type.members()) {
            long at = bitOffset + member.bitOffset();
            BtfType of = btf.resolve(member.type());
            if (member.name().isEmpty() && of instanceof BtfType.Composite inner) {
                if (depth < MAX_DEPTH) {
                    addFields(inner, at, depth + 1, fields);
                }
            } else if (!member.name().isEmpty() && member.bitSize() > 0) {
                fields.add(
                        new StructLayout.Field(
                                member.name(), bitField(of, at, member.bitSize()), 0));
            } else if (!member.name().isEmpty()) { // the others are padding
                fields.add(
                        new StructLayout.Field(
                                member.name(), make(member.type(), depth + 1), at / 8));
            }
        }
    }

    private static Layout bitField(BtfType type, long bitOffset, int width) {
        return switch (type) {
            case BtfType.Enumeration enumeration -> new EnumLayout(enumeration, bitOffset, width);
            case BtfType.Int integer ->
                    new IntLayout(bitOffset, width, integer.isSigned(), integer.isBool());
            default -> new IntLayout(bitOffset, width, false, false);
        };
    }

    private StructLayout section(BtfType.Datasec type, int depth) {
        List<StructLayout.Field> variables = new ArrayList<>();
        for (BtfType.VarInfo info : type.vars()) {
            if (btf.type(info.type()) instanceof BtfType.Var variable
                    && info.offset() + info.size() <= type.size()) {
                variables.add(
                        new StructLayout.Field(
                                variable.name(), make(variable.type(), depth + 1), info.offset()));
            }
        }
        return new StructLayout(type.name(), type.size(), variables);
    }
}
