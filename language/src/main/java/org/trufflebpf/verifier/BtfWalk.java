package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.helper.HelperTable;
import org.trufflebpf.uapi.ProgramType;

/** Reads of kernel objects by their types (kernel: {@code check_ptr_to_btf_access}). */
final class BtfWalk {
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
            if (env.type != ProgramType.STRUCT_OPS) {
                throw Env.refuse(RefusalKind.BTF_ACCESS, "only read is supported");
            }
            env.operation().checkWrite(reg, off, access.size());
        }
        if (access.write() && reg.has(Reg.UNTRUSTED)) {
            throw Env.refuse(RefusalKind.BTF_ACCESS, "only read is supported");
        }
        if (reg.has(Reg.ALLOC)) {
            checkSpecialFields(reg, off, access.size());
        }
        StructWalk.Found found = StructWalk.find(reg.btf, reg.btfId, off, access.size());
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

    private void give(MemoryCheck.Access access, Reg from, StructWalk.Found found) {
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
    private int trust(Reg from, StructWalk.Found found) {
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
}
