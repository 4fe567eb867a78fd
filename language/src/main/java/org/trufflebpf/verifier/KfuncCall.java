package org.trufflebpf.verifier;

import org.trufflebpf.verifier.Reg.DynptrKind;

/** One call of a kernel function, and what its arguments said (kernel: bpf_kfunc_call_arg_meta). */
final class KfuncCall {
    final Kfunc kfunc;

    /** The reference that an argument stands for, and the register that gives it up. */
    int refId;

    int releaseRegno = -1;

    /** The value of the argument that has to be known, or of a constant size. */
    long constant;

    MapFacts map;
    int mapUid;

    /** Index of the callback. */
    int subprog = -1;

    /** The last dynptr that was given. */
    DynptrKind dynptr = DynptrKind.NONE;

    int dynptrId;
    int dynptrRefId;

    /** The allocated object: type and whether the program owns it. */
    Reg object;

    /** The list or tree. */
    SpecialField root;

    /** The iterator: frame and slot. */
    int iteratorFrame;

    int iteratorSlot;

    /** The kernel's type of the context, of {@code bpf_cast_to_kern_ctx}. */
    String kernelContext;

    KfuncCall(Kfunc kfunc) {
        this.kfunc = kfunc;
    }

    boolean is(String name) {
        return kfunc.name().equals(name);
    }
}
