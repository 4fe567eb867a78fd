package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.helper.HelperTable;

/** Reads of kernel objects by their types (kernel: {@code check_ptr_to_btf_access}). */
final class BtfWalk {
    private static final int MAX_DEPTH = 16;

    private final Env env;

    BtfWalk(Env env) {
        this.env = env;
    }

    void access(MemoryCheck.Access access, Reg reg, int off) {
        String name = "R" + access.regno() + " is ptr_" + Log.structName(reg.btf, reg.btfId);
        if (!HelperTable.isGplCompatible(env.object.license()) && !reg.has(Reg.ALLOC)) {
            throw Env.refuse(
                    RefusalKind.BTF_ACCESS,
                    "Cannot access kernel 'struct "
                            + Log.structName(reg.btf, reg.btfId)
                            + "' from non-GPL compatible program");
        }
        if (off < 0) {
            throw Env.refuse(RefusalKind.BTF_ACCESS, name + " invalid negative access: off=" + off);
        }
        if (!reg.isConst() || reg.bits.value() != 0) {
            throw Env.refuse(
                    RefusalKind.BTF_ACCESS,
                    name + " invalid variable offset: off=" + off + ", var_off=" + reg.bits);
        }
        if (reg.has(Reg.USER)) {
            throw Env.refuse(RefusalKind.BTF_ACCESS, name + " access user memory: off=" + off);
        }
        if (reg.has(Reg.PERCPU)) {
            throw Env.refuse(RefusalKind.BTF_ACCESS, name + " access percpu memory: off=" + off);
        }
        if (access.write()) {
            throw Env.refuse(RefusalKind.BTF_ACCESS, "only read is supported");
        }
        Found found = find(reg.btf, reg.btfId, off, access.size(), 0);
        if (found == null) {
            throw Env.refuse(
                    RefusalKind.BTF_ACCESS,
                    "access beyond struct "
                            + Log.structName(reg.btf, reg.btfId)
                            + " at off "
                            + off
                            + " size "
                            + access.size());
        }
        if (!access.reads()) {
            return;
        }
        give(access, reg, found);
    }

    /** A read of the kernel's description of a map, which root may look at. */
    void map(MemoryCheck.Access access, Reg reg, int off) {
        Btf btf = env.target();
        int id = btf == null ? 0 : btf.find("bpf_map", BtfKind.STRUCT);
        if (id == 0) {
            throw Env.refuse(
                    RefusalKind.INVALID_POINTER,
                    "R" + access.regno() + " invalid mem access 'map_ptr'");
        }
        if (access.write()) {
            throw Env.refuse(RefusalKind.READ_ONLY, "only read from bpf_map is supported");
        }
        Reg object = new Reg();
        object.setPointer(RegType.BTF, 0);
        object.btf = btf;
        object.btfId = id;
        object.copyRange(reg);
        access(access, object, off);
    }

    /**
     * What lies at an offset.
     *
     * @param pointee id of what a pointer points to, 0 for a number
     */
    private record Found(int pointee, int flags, boolean inUnion) {}

    private void give(MemoryCheck.Access access, Reg from, Found found) {
        Reg value = env.reg(access.value());
        Btf btf = from.btf;
        boolean weak = from.has(Reg.UNTRUSTED);
        boolean rcu = env.inRcuSection();
        int fromFlags = from.flags;
        if (found.pointee() == 0) {
            value.setUnknown();
            return;
        }
        int flags;
        if (weak || found.inUnion()) {
            flags = Reg.UNTRUSTED;
        } else if ((found.flags() & (Reg.USER | Reg.PERCPU)) != 0) {
            flags = found.flags() & (Reg.USER | Reg.PERCPU);
        } else if (rcu && (fromFlags & Reg.NULL) == 0) {
            flags = (found.flags() & Reg.RCU) != 0 ? Reg.RCU | Reg.NULL : 0;
        } else {
            flags = Reg.UNTRUSTED;
        }
        value.setPointer(RegType.BTF, flags);
        value.btf = btf;
        value.btfId = found.pointee();
        if ((flags & Reg.NULL) != 0) {
            value.id = env.newId();
        }
    }

    private static Found find(Btf btf, int id, int off, int size, int depth) {
        if (depth > MAX_DEPTH) {
            return null;
        }
        return switch (btf.resolve(id)) {
            case BtfType.Composite struct -> inStruct(btf, struct, off, size, depth);
            case BtfType.Array array -> {
                long element = btf.sizeOf(array.element());
                if (element <= 0) {
                    yield null;
                }
                yield find(btf, array.element(), (int) (off % element), size, depth + 1);
            }
            case BtfType.Ptr pointer -> {
                if (off != 0 || size != 8) {
                    yield off + size <= 8 ? new Found(0, 0, false) : null;
                }
                int target = btf.skipModifiers(pointer.target());
                boolean struct = btf.type(target) instanceof BtfType.Composite;
                yield new Found(struct ? target : 0, tags(btf, pointer.target()), false);
            }
            case BtfType.Int number -> off + size <= number.size() ? new Found(0, 0, false) : null;
            case BtfType.Enumeration number ->
                    off + size <= number.size() ? new Found(0, 0, false) : null;
            case BtfType.Floating number ->
                    off + size <= number.size() ? new Found(0, 0, false) : null;
            default -> null;
        };
    }

    private static Found inStruct(Btf btf, BtfType.Composite struct, int off, int size, int depth) {
        for (int i = 0; i < struct.members().size(); i++) {
            BtfType.Member member = struct.members().get(i);
            long start = member.bitOffset() / 8;
            if (member.bitSize() != 0) {
                long end = (member.bitOffset() + member.bitSize() + 7) / 8;
                if ((off <= start && off + size >= end) || (off >= start && off < end)) {
                    return new Found(0, 0, false);
                }
                continue;
            }
            long bytes = btf.sizeOf(member.type());
            boolean flexible =
                    bytes == 0
                            && i == struct.members().size() - 1
                            && btf.resolve(member.type()) instanceof BtfType.Array;
            if (off < start || (!flexible && off >= start + bytes)) {
                continue;
            }
            Found found = find(btf, member.type(), (int) (off - start), size, depth + 1);
            if (found != null) {
                return struct.kind() == BtfKind.UNION && found.pointee() != 0
                        ? new Found(found.pointee(), found.flags(), true)
                        : found;
            }
            // several small members read at once
            if (!flexible && off + size <= struct.size() && off == start) {
                return new Found(0, 0, false);
            }
        }
        return null;
    }

    private static int tags(Btf btf, int id) {
        int at = id;
        for (int i = 0; i < MAX_DEPTH && btf.type(at) instanceof BtfType.Alias alias; i++) {
            if (alias.kind() == BtfKind.TYPE_TAG) {
                switch (alias.name()) {
                    case "user":
                        return Reg.USER;
                    case "percpu":
                        return Reg.PERCPU;
                    case "rcu":
                        return Reg.RCU;
                    default:
                        break;
                }
            }
            at = alias.target();
        }
        return 0;
    }

    /** A type of the object's BTF becomes the kernel's of the same name, where there is one. */
    void toKernelType(Reg reg) {
        Btf kernel = env.target();
        if (kernel == null || reg.btf == kernel) {
            return;
        }
        String name = Btf.essentialName(reg.btf.name(reg.btfId));
        int id = kernel.find(name, BtfKind.STRUCT);
        if (id != 0) {
            reg.btf = kernel;
            reg.btfId = id;
        } else {
            reg.flags |= Reg.ALLOC;
        }
    }
}
