package org.trufflebpf.btf;

import java.util.List;

/**
 * One BTF type. References to other types are ids in the same {@link Btf}; 0 is void. Names are
 * empty for anonymous types.
 */
public sealed interface BtfType {
    int id();

    BtfKind kind();

    String name();

    /** Whether it is an integer or an enumeration. */
    default boolean isNumber() {
        return this instanceof Int || this instanceof Enumeration;
    }

    /** Type 0. */
    record Nothing() implements BtfType {
        @Override
        public int id() {
            return 0;
        }

        @Override
        public BtfKind kind() {
            return BtfKind.UNKN;
        }

        @Override
        public String name() {
            return "void";
        }
    }

    /**
     * An integer.
     *
     * @param size bytes
     * @param encoding bits {@link #SIGNED}, {@link #CHAR}, {@link #BOOL}
     * @param bitOffset of a bit-field of the old form, else 0
     * @param bits significant bits
     */
    record Int(int id, String name, int size, int encoding, int bitOffset, int bits)
            implements BtfType {
        public static final int SIGNED = 1;
        public static final int CHAR = 2;
        public static final int BOOL = 4;

        @Override
        public BtfKind kind() {
            return BtfKind.INT;
        }

        public boolean isSigned() {
            return (encoding & SIGNED) != 0;
        }

        public boolean isBool() {
            return (encoding & BOOL) != 0;
        }
    }

    /** A pointer; BPF pointers have 8 bytes. */
    record Ptr(int id, int target) implements BtfType {
        @Override
        public BtfKind kind() {
            return BtfKind.PTR;
        }

        @Override
        public String name() {
            return "";
        }
    }

    /** An array; {@code count} is unsigned, 0 for a flexible array member. */
    record Array(int id, int element, int indexType, long count) implements BtfType {
        @Override
        public BtfKind kind() {
            return BtfKind.ARRAY;
        }

        @Override
        public String name() {
            return "";
        }
    }

    /** A struct or union. */
    record Composite(int id, BtfKind kind, String name, long size, List<Member> members)
            implements BtfType {
        public Composite {
            members = List.copyOf(members);
        }

        /** The named member, or {@code null}; members of anonymous members are not searched. */
        public Member member(String memberName) {
            for (Member member : members) {
                if (member.name().equals(memberName)) {
                    return member;
                }
            }
            return null;
        }
    }

    /**
     * A member of a struct or union.
     *
     * @param bitOffset from the start of the composite
     * @param bitSize width of a bit-field, 0 for an ordinary member
     */
    record Member(String name, int type, long bitOffset, int bitSize) {}

    /** An enumeration of 32 or 64 bits; {@code size} in bytes may be less than the kind's. */
    record Enumeration(
            int id, BtfKind kind, String name, int size, boolean signed, List<Value> values)
            implements BtfType {
        public Enumeration {
            values = List.copyOf(values);
        }

        /** The name of a value, or {@code null}. */
        public String nameOf(long value) {
            for (Value candidate : values) {
                if (candidate.value() == value) {
                    return candidate.name();
                }
            }
            return null;
        }
    }

    /** An enumerator; 32-bit values are extended as the enumeration is signed. */
    record Value(String name, long value) {}

    /** A forward declaration of a struct or union. */
    record Forward(int id, String name, boolean union) implements BtfType {
        @Override
        public BtfKind kind() {
            return BtfKind.FWD;
        }
    }

    /**
     * Typedef, const, volatile, restrict or type tag: another name for, or a remark on, {@code
     * target}.
     */
    record Alias(int id, BtfKind kind, String name, int target) implements BtfType {}

    /** A function; {@code linkage} is 0 static, 1 global, 2 extern. */
    record Func(int id, String name, int proto, int linkage) implements BtfType {
        @Override
        public BtfKind kind() {
            return BtfKind.FUNC;
        }
    }

    /** The signature of a function. */
    record FuncProto(int id, int result, List<Param> params) implements BtfType {
        public FuncProto {
            params = List.copyOf(params);
        }

        @Override
        public BtfKind kind() {
            return BtfKind.FUNC_PROTO;
        }

        @Override
        public String name() {
            return "";
        }
    }

    /** A parameter; the last one with type 0 and no name stands for {@code ...}. */
    record Param(String name, int type) {}

    /** A variable; {@code linkage} is 0 static, 1 global, 2 extern. */
    record Var(int id, String name, int type, int linkage) implements BtfType {
        public static final int STATIC = 0;
        public static final int GLOBAL = 1;
        public static final int EXTERN = 2;

        @Override
        public BtfKind kind() {
            return BtfKind.VAR;
        }
    }

    /** The variables of a section of data. */
    record Datasec(int id, String name, long size, List<VarInfo> vars) implements BtfType {
        public Datasec {
            vars = List.copyOf(vars);
        }

        @Override
        public BtfKind kind() {
            return BtfKind.DATASEC;
        }
    }

    /**
     * Place of a variable (type id of a {@link Var}, or of a {@link Func} in {@code .ksyms}) in its
     * section.
     */
    record VarInfo(int type, long offset, long size) {}

    /** A floating-point number. */
    record Floating(int id, String name, int size) implements BtfType {
        @Override
        public BtfKind kind() {
            return BtfKind.FLOAT;
        }
    }

    /**
     * A remark ({@code btf_decl_tag}) on {@code target} or on its member or parameter {@code
     * component} (-1: itself).
     */
    record DeclTag(int id, String name, int target, int component) implements BtfType {
        @Override
        public BtfKind kind() {
            return BtfKind.DECL_TAG;
        }
    }
}
