package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
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
        TRUSTED,
        /** Of a kernel structure, or with BTF id 0 of plain bytes; only ever probed. */
        UNTRUSTED
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
        BtfType.FuncProto proto = btf == null ? null : btf.proto(subprog.typeId);
        if (proto == null) {
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
        boolean scalar = result.isNumber() || result instanceof BtfType.Nothing;
        if (!scalar) {
            throw Env.refuse(
                    RefusalKind.GLOBAL_FUNCTION,
                    "Global function "
                            + subprog.name
                            + "() doesn't return scalar. Only those are supported.");
        }
        List<Arg> args = new ArrayList<>();
        for (int i = 0; i < proto.params().size(); i++) {
            args.add(argument(btf, subprog, subprog.typeId, i, proto.params().get(i).type()));
        }
        return args;
    }

    private Arg argument(Btf btf, Layout.Subprog subprog, int function, int index, int type) {
        List<String> marks = btf.tags().values(function, index, "arg:");
        BtfType resolved = btf.resolve(type);
        if (resolved.isNumber()) {
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
            int id =
                    env.requireStruct(
                            Btf.essentialName(name), "a trusted argument of " + subprog.name);
            return new Arg(ArgType.TRUSTED, 0, marks.contains("nullable"), id);
        }
        if (marks.contains("untrusted")) {
            return untrusted(btf, subprog, index, target, name);
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

    private Arg untrusted(Btf btf, Layout.Subprog subprog, int index, int target, String name) {
        boolean plain =
                switch (btf.type(target)) {
                    case BtfType.Nothing nothing -> true;
                    case BtfType.Int number -> true;
                    case BtfType.Enumeration number -> true;
                    default -> false;
                };
        if (plain) {
            return new Arg(ArgType.UNTRUSTED, 0, false, 0);
        }
        if (!(btf.type(target) instanceof BtfType.Composite)) {
            throw Env.refuse(
                    RefusalKind.GLOBAL_FUNCTION,
                    "arg#"
                            + index
                            + " has type '"
                            + name
                            + "', but only struct or primitive types are allowed");
        }
        String what = "an untrusted argument of " + subprog.name + "()";
        int id = env.requireStruct(Btf.essentialName(name), what);
        return new Arg(ArgType.UNTRUSTED, 0, false, id);
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
                case UNTRUSTED -> {
                    if (arg.btfId() == 0) {
                        reg.setPointer(RegType.MEM, Reg.RDONLY | Reg.UNTRUSTED);
                    } else {
                        reg.setPointer(RegType.BTF, Reg.UNTRUSTED);
                        reg.btf = env.target();
                        reg.btfId = arg.btfId();
                    }
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
                case DYNPTR ->
                        arguments.dynptrs.use(
                                regno,
                                reg,
                                new DynptrCheck.Use(Reg.DynptrKind.NONE, false, false, 0));
                case TRUSTED -> checkTrusted(regno, reg, arg, memory);
                // read only, and a read that fails gives 0
                case UNTRUSTED -> {}
            }
        }
    }

    private void checkTrusted(int regno, Reg reg, Arg arg, MemoryCheck memory) {
        if (reg.isNull() && arg.nullable()) {
            return;
        }
        int allowed = Reg.TRUSTED | Reg.RCU | Reg.NULL;
        if (reg.type != RegType.BTF || (reg.flags & ~allowed) != 0) {
            throw Env.refuse(
                    RefusalKind.TRUST,
                    "R"
                            + regno
                            + " type="
                            + Log.typeName(reg)
                            + " expected=ptr_, trusted_ptr_, rcu_ptr_");
        }
        if (reg.has(Reg.NULL) && !arg.nullable()) {
            throw Env.refuse(
                    RefusalKind.MAYBE_NULL, "Possibly NULL pointer passed to helper arg" + regno);
        }
        Btf kernel = env.target();
        boolean same =
                reg.btf == kernel
                        && StructMatch.matches(kernel, reg.btfId, reg.off, arg.btfId(), false);
        if (!same) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "R"
                            + regno
                            + " is of type "
                            + Log.structName(reg.btf, reg.btfId)
                            + " but "
                            + kernel.name(arg.btfId())
                            + " is expected");
        }
        if (!reg.isConst() || reg.off < 0) {
            memory.checkNoOffset(reg, regno);
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
        arguments.sized.readAndWrite(regno, arg.size());
    }
}
