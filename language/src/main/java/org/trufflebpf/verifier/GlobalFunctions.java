package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Global functions are verified by themselves, for all arguments that their types allow, and calls
 * are held to these types (kernel: {@code btf_prepare_func_args}).
 */
final class GlobalFunctions {
    private final Env env;
    private final Map<Integer, List<Arg>> known = new HashMap<>();

    GlobalFunctions(Env env) {
        this.env = env;
    }

    /** What an argument is. */
    enum ArgType {
        SCALAR,
        CTX,
        MEM,
        DYNPTR,
        ARENA,
        TRUSTED
    }

    /** One argument: bytes of memory, whether it may be NULL, the kernel's type. */
    record Arg(ArgType type, int size, boolean nullable, int btfId) {}

    List<Arg> arguments(Layout.Subprog subprog) {
        List<Arg> args = known.get(subprog.index);
        if (args == null) {
            args = read(subprog);
            known.put(subprog.index, args);
        }
        return args;
    }

    private List<Arg> read(Layout.Subprog subprog) {
        Btf btf = env.object.btf();
        if (btf == null
                || subprog.typeId == 0
                || !(btf.type(subprog.typeId) instanceof BtfType.Func function)
                || !(btf.type(function.proto()) instanceof BtfType.FuncProto proto)) {
            throw Env.refuse(
                    RefusalKind.GLOBAL_FUNCTION,
                    "Global function " + subprog.name + "() has no BTF");
        }
        if (proto.params().size() > Env.MAX_ARGS) {
            throw Env.refuse(
                    RefusalKind.GLOBAL_FUNCTION,
                    "Global function "
                            + subprog.name
                            + "() with "
                            + proto.params().size()
                            + " > 5 args. Buggy compiler.");
        }
        BtfType result = btf.resolve(proto.result());
        boolean scalar =
                result instanceof BtfType.Int
                        || result instanceof BtfType.Enumeration
                        || result instanceof BtfType.Nothing;
        if (!scalar) {
            throw Env.refuse(
                    RefusalKind.GLOBAL_FUNCTION,
                    "Global function "
                            + subprog.name
                            + "() doesn't return scalar. Only those are supported.");
        }
        List<Arg> args = new ArrayList<>();
        for (int i = 0; i < proto.params().size(); i++) {
            args.add(argument(btf, subprog, function.id(), i, proto.params().get(i).type()));
        }
        return args;
    }

    private Arg argument(Btf btf, Layout.Subprog subprog, int function, int index, int type) {
        List<String> marks = env.tags().values(function, index, "arg:");
        BtfType resolved = btf.resolve(type);
        if (resolved instanceof BtfType.Int || resolved instanceof BtfType.Enumeration) {
            return new Arg(ArgType.SCALAR, 0, false, 0);
        }
        if (!(resolved instanceof BtfType.Ptr pointer)) {
            throw Env.refuse(
                    RefusalKind.GLOBAL_FUNCTION,
                    "Arg#"
                            + index
                            + " type "
                            + btf.name(type)
                            + " in "
                            + subprog.name
                            + "() is not supported yet.");
        }
        int target = btf.skipModifiers(pointer.target());
        String name = btf.name(target);
        if (marks.contains("ctx") || isContext(name)) {
            return new Arg(ArgType.CTX, 0, false, 0);
        }
        if (marks.contains("arena")) {
            return new Arg(ArgType.ARENA, 0, false, 0);
        }
        if (name.equals("bpf_dynptr")) {
            return new Arg(ArgType.DYNPTR, 0, false, 0);
        }
        if (marks.contains("trusted")) {
            Btf kernel = env.requireTarget("a trusted argument of " + subprog.name + "()");
            int id = kernel.find(Btf.essentialName(name), BtfKind.STRUCT);
            return new Arg(ArgType.TRUSTED, 0, marks.contains("nullable"), id);
        }
        if (marks.contains("untrusted")) {
            throw Env.refuse(
                    RefusalKind.UNSUPPORTED,
                    "untrusted arguments of functions are not judged here");
        }
        long size = btf.sizeOf(target);
        if (size < 0 || size > Integer.MAX_VALUE) {
            throw Env.refuse(
                    RefusalKind.GLOBAL_FUNCTION,
                    "arg#"
                            + index
                            + " reference type('"
                            + btf.kind(target).label()
                            + " "
                            + name
                            + "') size cannot be determined");
        }
        return new Arg(ArgType.MEM, (int) size, !marks.contains("nonnull"), 0);
    }

    private boolean isContext(String name) {
        String context = env.type.contextType();
        return context.equals("struct " + name)
                || (name.equals("bpf_user_pt_regs_t") && context.equals("struct pt_regs"));
    }

    /** The registers that a global function starts with. */
    void enter(Layout.Subprog subprog, Frame frame) {
        List<Arg> args = arguments(subprog);
        for (int i = 0; i < args.size(); i++) {
            Reg reg = frame.regs[i + 1];
            Arg arg = args.get(i);
            int flags = arg.nullable() ? Reg.NULL : 0;
            switch (arg.type()) {
                case SCALAR -> reg.setUnknown();
                case CTX -> reg.setPointer(RegType.CTX, 0);
                case ARENA -> reg.setPointer(RegType.ARENA, 0);
                case MEM -> {
                    reg.setPointer(RegType.MEM, flags);
                    reg.memSize = arg.size();
                }
                case DYNPTR -> {
                    reg.setPointer(RegType.DYNPTR, Reg.RDONLY);
                    reg.dynptr = Reg.DynptrKind.LOCAL;
                    reg.firstSlot = true;
                    reg.id = env.newId();
                }
                case TRUSTED -> {
                    reg.setPointer(RegType.BTF, Reg.TRUSTED | flags);
                    reg.btf = env.target();
                    reg.btfId = arg.btfId();
                }
            }
            if (reg.has(Reg.NULL)) {
                reg.id = env.newId();
            }
        }
    }

    /** Holds a call to the types of the arguments. */
    void checkCall(Layout.Subprog subprog, ArgumentCheck arguments, MemoryCheck memory) {
        List<Arg> args = arguments(subprog);
        for (int i = 0; i < args.size(); i++) {
            int regno = i + 1;
            Arg arg = args.get(i);
            Reg reg = env.read(regno);
            switch (arg.type()) {
                case SCALAR -> {
                    if (!reg.isScalar()) {
                        throw Env.refuse(
                                RefusalKind.GLOBAL_FUNCTION, "R" + regno + " is not a scalar");
                    }
                }
                case CTX -> {
                    if (reg.type != RegType.CTX) {
                        throw Env.refuse(
                                RefusalKind.GLOBAL_FUNCTION,
                                "arg#"
                                        + i
                                        + " expected pointer to ctx, but got "
                                        + Log.typeName(reg));
                    }
                    memory.checkNoOffset(reg, regno);
                }
                case MEM -> checkMemory(regno, reg, arg, arguments);
                case ARENA -> {
                    if (reg.type != RegType.ARENA && !reg.isScalar()) {
                        throw Env.refuse(
                                RefusalKind.GLOBAL_FUNCTION,
                                "R" + regno + " is not a pointer to arena or scalar.");
                    }
                }
                case DYNPTR, TRUSTED ->
                        throw Env.refuse(
                                RefusalKind.UNSUPPORTED,
                                "dynptr and trusted arguments of global functions are not judged"
                                        + " here");
            }
        }
    }

    private void checkMemory(int regno, Reg reg, Arg arg, ArgumentCheck arguments) {
        if (!arg.nullable() && (reg.has(Reg.NULL) || reg.isNull())) {
            throw Env.refuse(
                    RefusalKind.GLOBAL_FUNCTION,
                    "arg#" + (regno - 1) + " is expected to be non-NULL");
        }
        if (reg.isNull()) {
            return;
        }
        arguments.readAndWrite(regno, arg.size());
    }
}
