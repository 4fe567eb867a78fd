package org.trufflebpf;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;

import java.util.List;

/**
 * Whether one function may stand for another: as many arguments, of the same kinds and sizes,
 * pointers to structures of the same name, and a result of the same kind. Kernel: {@code
 * btf_check_func_type_match}.
 */
final class SignatureMatch {
    /**
     * A function and its types.
     *
     * @param type id of the function's type
     * @param of what it belongs to, for messages; empty for nothing
     */
    record Side(Btf btf, int type, String name, String of) {
        /** The prototype, or {@code null} where BTF does not tell. */
        BtfType.FuncProto proto() {
            return btf == null ? null : btf.proto(type);
        }

        /** A type without its modifiers. */
        private BtfType bare(int id) {
            return btf.type(btf.skipModifiers(id));
        }

        private String shown() {
            return name + "()" + (of.isEmpty() ? "" : " of " + of);
        }
    }

    private SignatureMatch() {}

    /** What tells the two apart, or {@code null}, also where BTF does not tell. */
    static String mismatch(Side given, Side wanted) {
        BtfType.FuncProto has = given.proto();
        BtfType.FuncProto wants = wanted.proto();
        if (has == null || wants == null) {
            return null;
        }
        String between = " while " + wanted.shown() + " has ";
        List<BtfType.Param> params = has.params();
        if (params.size() != wants.params().size()) {
            return given.shown()
                    + " has "
                    + params.size()
                    + " args"
                    + between
                    + wants.params().size()
                    + " args";
        }
        if (given.bare(has.result()).kind() != wanted.bare(wants.result()).kind()) {
            return "Return type of " + given.shown() + " doesn't match type of " + wanted.shown();
        }
        for (int i = 0; i < params.size(); i++) {
            int type = params.get(i).type();
            int other = wants.params().get(i).type();
            String what = describe(given, type);
            String expected = describe(wanted, other);
            if (!what.equals(expected)) {
                return "arg" + i + " in " + given.shown() + " is " + what + between + expected;
            }
        }
        return null;
    }

    /** What counts of an argument's type. */
    private static String describe(Side side, int id) {
        BtfType type = side.bare(id);
        if (type instanceof BtfType.Ptr pointer) {
            BtfType target = side.bare(pointer.target());
            String name = side.btf().name(target.id());
            return "a pointer to " + (target.kind().label() + " " + name).strip();
        }
        return type.kind().label() + " of " + side.btf().sizeOf(type.id()) + " bytes";
    }
}
