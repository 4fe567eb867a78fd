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
        if (access.write() && !reg.has(Reg.ALLOC)) {
            throw Env.refuse(RefusalKind.BTF_ACCESS, "only read is supported");
        }
        if (access.write() && reg.has(Reg.UNTRUSTED)) {
            throw Env.refuse(RefusalKind.BTF_ACCESS, "only read is supported");
        }
        if (reg.has(Reg.ALLOC)) {
            checkSpecialFields(reg, off, access.size());
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
        if (reg.has(Reg.ALLOC)) {
            // what a program wrote into its own object is no pointer
            env.reg(access.value()).setUnknown();
            return;
        }
        give(access, new Reg(reg), found);
    }

    private void checkSpecialFields(Reg reg, int off, int size) {
        for (SpecialField field : env.fields(reg)) {
            if (off < field.end() && field.offset() < off + size) {
                throw Env.refuse(
                        RefusalKind.BTF_ACCESS,
                        "direct access to " + field.kind().text() + " is disallowed");
            }
        }
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
     * @param flags what its type tags say
     * @param inUnion it may be something else
     * @param member name of the innermost member
     */
    private record Found(int pointee, int flags, boolean inUnion, String member) {
        Found(int pointee, int flags, boolean inUnion) {
            this(pointee, flags, inUnion, "");
        }

        Found named(String name) {
            return member.isEmpty() ? new Found(pointee, flags, inUnion, name) : this;
        }
    }

    private void give(MemoryCheck.Access access, Reg from, Found found) {
        Reg value = env.reg(access.value());
        if (found.pointee() == 0) {
            value.setUnknown();
            return;
        }
        value.setPointer(RegType.BTF, trust(from, found));
        value.btf = from.btf;
        value.btfId = found.pointee();
        if (value.has(Reg.NULL)) {
            value.id = env.newId();
        }
    }

    /** How far a pointer that was read can be trusted, by the one it was read from. */
    private int trust(Reg from, Found found) {
        int tagged = found.inUnion() ? Reg.UNTRUSTED : found.flags();
        if (from.has(Reg.UNTRUSTED)) {
            return Reg.UNTRUSTED;
        }
        if (!from.isTrusted() && !from.has(Reg.RCU)) {
            return tagged & ~(Reg.RCU | Reg.UNTRUSTED);
        }
        TrustedFields.Trust listed =
                found.inUnion() && !found.member().equals("sk")
                        ? null
                        : TrustedFields.of(from.btf.name(from.btfId), found.member());
        if (listed == TrustedFields.Trust.TRUSTED) {
            return Reg.TRUSTED;
        }
        if (listed == TrustedFields.Trust.TRUSTED_OR_NULL) {
            return Reg.TRUSTED | Reg.NULL;
        }
        if (!env.inRcuSection() || from.has(Reg.NULL)) {
            return Reg.UNTRUSTED;
        }
        if (listed == TrustedFields.Trust.RCU) {
            return Reg.RCU;
        }
        if (listed == TrustedFields.Trust.RCU_OR_NULL || (tagged & Reg.RCU) != 0) {
            return Reg.RCU | Reg.NULL;
        }
        return tagged & (Reg.USER | Reg.PERCPU);
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
                Found named = found.named(member.name());
                return struct.kind() == BtfKind.UNION && found.pointee() != 0
                        ? new Found(named.pointee(), named.flags(), true, named.member())
                        : named;
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
}
