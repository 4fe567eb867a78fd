package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.verifier.Kfunc.CType;
import org.trufflebpf.verifier.Kfunc.Flag;
import org.trufflebpf.verifier.KfuncArguments.Parts;

/** What a kernel function leaves in r0 (the second half of {@code check_kfunc_call}). */
final class KfuncResult {
    private static final int MAX_PERCPU_SIZE = 512;

    private final Env env;
    private final Parts parts;

    KfuncResult(Env env, Parts parts) {
        this.env = env;
        this.parts = parts;
    }

    void give(KfuncCall call) {
        Kfunc kfunc = call.kfunc;
        CType type = kfunc.result();
        Reg r0 = env.reg(0);
        if (!type.pointer()) {
            if (!type.isVoid()) {
                r0.setUnknown();
                if (kfunc.isResLock()) {
                    r0.setKnown(0);
                }
            }
            return;
        }
        if (!special(call, r0)) {
            if (type.isVoid()) {
                r0.setUnknown();
                return;
            }
            if (type.struct()) {
                struct(call, r0);
            } else {
                r0.setPointer(RegType.MEM, Reg.RDONLY);
                r0.memSize = type.size();
                r0.refId = call.refId;
            }
        }
        // one more reference to what the program owns is always got
        boolean owned = call.is("bpf_refcount_acquire_impl") && !call.object.has(Reg.NON_OWN);
        boolean nullable = kfunc.has(Flag.RET_NULL) && !owned;
        if (nullable) {
            r0.flags |= Reg.NULL;
            r0.id = env.newId();
        }
        if (kfunc.has(Flag.ACQUIRE)) {
            int id = env.acquirePointer(env.insn);
            if (nullable) {
                r0.id = id;
            }
            r0.refId = id;
        } else if (type.name().equals("bpf_rb_node") || type.name().equals("bpf_list_node")) {
            parts.graphs().setNonOwning(r0);
        }
        if (r0.id == 0 && JumpCheck.mayHoldLock(r0)) {
            r0.id = env.newId();
        }
    }

    private void struct(KfuncCall call, Reg r0) {
        String what = "the result of " + call.kfunc.name();
        int flags = 0;
        if (call.is("bpf_get_kmem_cache")) {
            flags = Reg.UNTRUSTED;
        } else if (call.kfunc.isIteratorNext()) {
            flags = parts.iterators().trust(call);
        } else if (call.kfunc.has(Flag.RCU_PROTECTED)) {
            flags = Reg.RCU;
        }
        r0.setPointer(RegType.BTF, flags);
        r0.btf = env.requireTarget(what);
        r0.btfId = env.requireStruct(call.kfunc.result().name(), what);
    }

    /** Results that the arguments decide (kernel: {@code check_special_kfunc}). */
    private boolean special(KfuncCall call, Reg r0) {
        switch (call.kfunc.name()) {
            case "bpf_obj_new_impl" -> allocate(call, r0, false);
            case "bpf_percpu_obj_new_impl" -> allocate(call, r0, true);
            case "bpf_refcount_acquire_impl" -> {
                r0.setPointer(RegType.BTF, Reg.ALLOC);
                r0.btf = call.object.btf;
                r0.btfId = call.object.btfId;
            }
            case "bpf_cast_to_kern_ctx" -> {
                r0.setPointer(RegType.BTF, Reg.TRUSTED);
                r0.btf = KfuncCheck.types(env, call.kfunc);
                r0.btfId = env.requireStruct(call.kernelContext, "bpf_cast_to_kern_ctx");
            }
            case "bpf_rdonly_cast" -> cast(call, r0);
            case "bpf_dynptr_slice", "bpf_dynptr_slice_rdwr" -> slice(call, r0);
            default -> {
                boolean node = call.root != null && call.kfunc.result().struct();
                if (node) {
                    parts.graphs().nodeOf(call.root, r0);
                }
                return node;
            }
        }
        return true;
    }

    private void allocate(KfuncCall call, Reg r0, boolean percpu) {
        if (call.constant != (call.constant & 0xffff_ffffL)) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT, "local type ID argument must be in range [0, U32_MAX]");
        }
        Btf btf = env.object.btf();
        int id = (int) call.constant;
        boolean struct =
                btf != null && id > 0 && id < btf.typeCount() && btf.kind(id) == BtfKind.STRUCT;
        if (!struct) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    btf == null
                            ? "bpf_obj_new/bpf_percpu_obj_new requires prog BTF"
                            : "bpf_obj_new/bpf_percpu_obj_new type ID argument must be of a"
                                    + " struct");
        }
        r0.setPointer(RegType.BTF, Reg.ALLOC | (percpu ? Reg.PERCPU : 0));
        r0.btf = btf;
        r0.btfId = id;
        if (percpu) {
            checkPerCpu(btf, id, r0);
        }
    }

    private void checkPerCpu(Btf btf, int id, Reg r0) {
        long size = btf.sizeOf(id);
        if (size > MAX_PERCPU_SIZE) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "bpf_percpu_obj_new type size ("
                            + size
                            + ") is greater than "
                            + MAX_PERCPU_SIZE);
        }
        if (!KfuncArguments.isScalarStruct(btf, id, 0)) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "bpf_percpu_obj_new type ID argument must be of a struct of scalars");
        }
        if (!env.fields(r0).isEmpty()) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "bpf_percpu_obj_new type ID argument must not contain special fields");
        }
    }

    private void cast(KfuncCall call, Reg r0) {
        Btf btf = KfuncCheck.types(env, call.kfunc);
        long id = call.constant;
        if (id < 0 || id >= btf.typeCount()) {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "Unknown type ID " + id + " passed to kfunc bpf_rdonly_cast");
        }
        if (id == 0) {
            r0.setPointer(RegType.MEM, Reg.RDONLY | Reg.UNTRUSTED);
        } else if (btf.type((int) id) instanceof BtfType.Composite) {
            r0.setPointer(RegType.BTF, Reg.UNTRUSTED);
            r0.btf = btf;
            r0.btfId = (int) id;
        } else {
            throw Env.refuse(
                    RefusalKind.ARGUMENT,
                    "kfunc bpf_rdonly_cast type ID argument must be of a struct or void");
        }
    }

    private void slice(KfuncCall call, Reg r0) {
        boolean written = call.is("bpf_dynptr_slice_rdwr");
        if (written && !parts.memory().mayWritePacket()) {
            throw Env.refuse(
                    RefusalKind.READ_ONLY, "the prog does not allow writes to packet data");
        }
        r0.setPointer(RegType.MEM, written ? 0 : Reg.RDONLY);
        r0.memSize = (int) call.constant;
        r0.dynptr = call.dynptr;
        r0.mapUid = call.dynptrId;
    }
}
