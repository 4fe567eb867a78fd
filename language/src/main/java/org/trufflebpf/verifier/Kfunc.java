package org.trufflebpf.verifier;

import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A kernel function: its C prototype, the kernel's {@code KF_} flags, and who may call it. What an
 * argument has to be follows from its C type and from the suffix of its name, as in the kernel.
 *
 * @param name the full name
 * @param result C type of the result
 * @param params the parameters
 * @param flags {@code KF_} flags
 * @param types program types that may call it
 */
record Kfunc(
        String name, CType result, List<Param> params, Set<Flag> flags, Set<ProgramType> types) {

    /** The kernel's {@code KF_} flags. */
    enum Flag {
        ACQUIRE,
        RELEASE,
        RET_NULL,
        TRUSTED_ARGS,
        RCU,
        RCU_PROTECTED,
        SLEEPABLE,
        /** Only programs that are bound to a network device may call it. */
        DEVICE
    }

    /** What an argument has to be. */
    enum Kind {
        SCALAR,
        /** A number that is known. */
        CONSTANT,
        /** Not looked at. */
        IGNORED,
        ALLOCATED,
        REFCOUNTED,
        DYNPTR,
        ITERATOR,
        LIST_HEAD,
        LIST_NODE,
        RB_ROOT,
        RB_NODE,
        STRING,
        MAP,
        WORKQUEUE,
        TASK_WORK,
        IRQ_FLAG,
        RES_SPIN_LOCK,
        CALLBACK,
        /** Context, kernel object or memory: the register decides. */
        POINTER
    }

    /**
     * A C type.
     *
     * @param name without {@code struct} and qualifiers
     * @param struct whether it is, or points to, a structure or union
     * @param pointer whether it is a pointer
     * @param function whether it is a pointer to a function
     */
    record CType(String name, boolean struct, boolean pointer, boolean function) {
        static CType parse(String text) {
            boolean function = text.contains("(*") || text.contains("_callback_t");
            String plain = text.replaceAll("\\b(const|enum)\\b", "").strip();
            boolean pointer = plain.indexOf('*') >= 0;
            plain = plain.replaceAll("[*()]", "").strip();
            boolean struct = plain.startsWith("struct ") || plain.startsWith("union ");
            String name = struct ? plain.substring(plain.indexOf(' ') + 1) : plain;
            return new CType(name, struct, pointer, function);
        }

        boolean isVoid() {
            return name.equals("void");
        }

        /** Bytes of a number type. */
        int size() {
            return switch (name) {
                case "char", "u8", "bool" -> 1;
                case "short", "u16", "__be16" -> 2;
                case "long", "unsigned long", "u64", "s64", "size_t" -> 8;
                default -> 4;
            };
        }
    }

    /** A parameter. */
    record Param(CType type, String name, Kind kind) {
        static Param parse(String text) {
            int end = text.lastIndexOf('*');
            int at = Math.max(end, text.lastIndexOf(' ')) + 1;
            String name = text.substring(at).replaceAll("\\W", "");
            CType type = CType.parse(text.substring(0, at));
            return new Param(type, name, kindOf(type, name));
        }

        private static Kind kindOf(CType type, String name) {
            if (name.endsWith("__ign") || name.endsWith("__prog")) {
                return Kind.IGNORED;
            }
            if (type.function()) {
                return Kind.CALLBACK;
            }
            if (!type.pointer()) {
                return name.endsWith("__k") ? Kind.CONSTANT : Kind.SCALAR;
            }
            if (name.endsWith("__alloc")) {
                return Kind.ALLOCATED;
            }
            if (name.endsWith("__refcounted_kptr")) {
                return Kind.REFCOUNTED;
            }
            if (name.endsWith("__str")) {
                return Kind.STRING;
            }
            if (name.endsWith("__map")) {
                return Kind.MAP;
            }
            if (name.endsWith("__irq_flag")) {
                return Kind.IRQ_FLAG;
            }
            return switch (type.name()) {
                case "bpf_dynptr" -> Kind.DYNPTR;
                case "bpf_list_head" -> Kind.LIST_HEAD;
                case "bpf_list_node" -> Kind.LIST_NODE;
                case "bpf_rb_root" -> Kind.RB_ROOT;
                case "bpf_rb_node" -> Kind.RB_NODE;
                case "bpf_wq" -> Kind.WORKQUEUE;
                case "bpf_task_work" -> Kind.TASK_WORK;
                case "bpf_res_spin_lock" -> Kind.RES_SPIN_LOCK;
                default -> type.name().startsWith("bpf_iter_") ? Kind.ITERATOR : Kind.POINTER;
            };
        }

        boolean isNullable() {
            return name.endsWith("__nullable");
        }

        /** NULL instead of a buffer. */
        boolean isOptional() {
            return name.endsWith("__opt");
        }

        boolean isFresh() {
            return name.endsWith("__uninit");
        }

        /** The size of the memory that the parameter before it points to. */
        boolean isSize() {
            return name.endsWith("__sz") || isConstantSize();
        }

        boolean isConstantSize() {
            return name.endsWith("__szk");
        }
    }

    Kfunc {
        params = List.copyOf(params);
        flags = Set.copyOf(flags);
        types = Set.copyOf(types);
    }

    /** Parses {@code type name(type name, ...) FLAG...}. */
    static Kfunc parse(String line, Set<ProgramType> types) {
        int open = line.indexOf('(');
        int close = line.lastIndexOf(')');
        Param head = Param.parse(line.substring(0, open));
        List<Param> params = new ArrayList<>();
        for (String param : line.substring(open + 1, close).split(",")) {
            if (!param.equals("void")) {
                params.add(Param.parse(param.strip()));
            }
        }
        EnumSet<Flag> flags = EnumSet.noneOf(Flag.class);
        for (String flag : line.substring(close + 1).strip().split(" ")) {
            if (!flag.isEmpty()) {
                flags.add(Flag.valueOf(flag));
            }
        }
        return new Kfunc(head.name(), head.type(), params, flags, types);
    }

    boolean has(Flag flag) {
        return flags.contains(flag);
    }

    boolean isIteratorNew() {
        return name.startsWith("bpf_iter_") && name.endsWith("_new");
    }

    boolean isIteratorNext() {
        return name.startsWith("bpf_iter_") && name.endsWith("_next");
    }

    boolean isIteratorDestroy() {
        return name.startsWith("bpf_iter_") && name.endsWith("_destroy");
    }

    /** Functions of lists, trees and reference counts, which go with a lock that is held. */
    boolean isGraph() {
        return name.startsWith("bpf_list_")
                || name.startsWith("bpf_rbtree_")
                || name.equals("bpf_refcount_acquire_impl");
    }

    boolean isResLock() {
        return name.startsWith("bpf_res_spin_");
    }

    /** Takes an object into a list or a tree. */
    boolean isInsertion() {
        return name.startsWith("bpf_list_push_") || name.equals("bpf_rbtree_add_impl");
    }

    /** The functions that may be called while a lock is held. */
    boolean mayHoldLock() {
        return isGraph() || isResLock() || name.startsWith("bpf_iter_num_");
    }
}
