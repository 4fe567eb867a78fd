package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.verifier.SpecialField.Kind;

import java.util.Set;

/**
 * Pointers to objects that maps and allocated objects hold: loads, stores, and what may be
 * exchanged for them (kernel: {@code check_map_kptr_access}, {@code map_kptr_match_type}).
 */
final class KptrCheck {
    /** Kernel: {@code rcu_protected_types}. */
    private static final Set<String> RCU_PROTECTED =
            Set.of("prog_test_ref_kfunc", "cgroup", "bpf_cpumask", "task_struct", "bpf_crypto_ctx");

    private final Env env;

    KptrCheck(Env env) {
        this.env = env;
    }

    void access(MemoryCheck.Access access, SpecialField field) {
        if (!access.write()) {
            if (access.reads()) {
                load(env.reg(access.value()), field);
            }
            return;
        }
        if (field.kind() == Kind.KPTR || field.kind() == Kind.KPTR_PERCPU) {
            throw Env.refuse(RefusalKind.MAP_VALUE_BOUNDS, "store to referenced kptr disallowed");
        }
        if (field.kind() == Kind.UPTR) {
            throw Env.refuse(RefusalKind.MAP_VALUE_BOUNDS, "store to uptr disallowed");
        }
        if (access.value() >= 0) {
            if (!env.reg(access.value()).isNull()) {
                match(access.value(), field);
            }
        } else if (access.constant() == null || access.constant() != 0) {
            throw Env.refuse(
                    RefusalKind.MAP_VALUE_BOUNDS,
                    "BPF_ST imm must be 0 when storing to kptr at off=" + field.offset());
        }
    }

    private void load(Reg value, SpecialField field) {
        if (field.kind() == Kind.UPTR) {
            value.setPointer(RegType.MEM, Reg.NULL);
            value.memSize = (int) env.object.btf().sizeOf(field.pointee());
            value.id = env.newId();
            return;
        }
        Reg type = pointee(field);
        boolean kernel = !type.has(Reg.ALLOC);
        boolean percpu = field.kind() == Kind.KPTR_PERCPU;
        boolean safe =
                percpu
                        || (field.kind() == Kind.KPTR
                                && (!kernel || RCU_PROTECTED.contains(type.btf.name(type.btfId))));
        int flags = Reg.UNTRUSTED;
        if (safe && env.inRcuSection()) {
            flags = Reg.RCU | (percpu ? Reg.PERCPU : kernel ? 0 : Reg.ALLOC);
        }
        value.setPointer(RegType.BTF, Reg.NULL | flags);
        value.btf = type.btf;
        value.btfId = type.btfId;
        value.id = env.newId();
    }

    /** What a kptr leads to: a type of the kernel, or one of the program, which is allocated. */
    Reg pointee(SpecialField field) {
        Reg type = new Reg();
        Btf own = env.object.btf();
        Btf kernel = env.target();
        String name = own.name(field.pointee());
        int id = kernel == null ? 0 : kernel.find(name, BtfKind.STRUCT);
        boolean local = id == 0;
        type.setPointer(RegType.BTF, local ? Reg.ALLOC : 0);
        type.btf = local ? own : kernel;
        type.btfId = local ? field.pointee() : id;
        if (local && field.kind() == Kind.KPTR_PERCPU) {
            type.flags |= Reg.PERCPU;
        }
        return type;
    }

    /** Holds a register to the type of a kptr that it is stored in. */
    void match(int regno, SpecialField field) {
        Reg reg = env.reg(regno);
        Reg wanted = pointee(field);
        boolean untrusted = field.kind() == Kind.KPTR_UNTRUSTED;
        int allowed = Reg.NULL;
        if (wanted.has(Reg.ALLOC)) {
            allowed |= wanted.flags;
        } else {
            allowed |= Reg.TRUSTED | Reg.RCU | (untrusted ? Reg.UNTRUSTED : 0);
        }
        boolean same =
                reg.type == RegType.BTF
                        && (reg.flags & ~allowed) == 0
                        && reg.btf == wanted.btf
                        && reg.isConst()
                        && StructMatch.matches(
                                reg.btf, reg.btfId, reg.off, wanted.btfId, !untrusted);
        if (!same) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "invalid kptr access, R"
                            + regno
                            + " type="
                            + Log.typeName(reg)
                            + (reg.btf == null ? "" : Log.structName(reg.btf, reg.btfId))
                            + " expected=ptr_"
                            + wanted.btf.name(wanted.btfId));
        }
    }
}
