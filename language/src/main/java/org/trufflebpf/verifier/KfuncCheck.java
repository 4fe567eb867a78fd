package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.helper.KfuncTable;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.verifier.Kfunc.Flag;
import org.trufflebpf.verifier.KfuncArguments.Parts;

/**
 * Calls of kernel functions: who may call them where, what they hold, release and end (kernel:
 * {@code check_kfunc_call}). What has no row in {@link KfuncRows} is refused by name.
 */
final class KfuncCheck {
    private static final int MAX_ERRNO = 4095;

    private final Env env;
    private final CallCheck calls;
    private final CallbackCheck callbacks;
    private final KfuncArguments arguments;
    private final KfuncResult results;
    private final Parts parts;

    KfuncCheck(
            Env env, CallCheck calls, CallbackCheck callbacks, ArgumentCheck helpers, Parts parts) {
        this.env = env;
        this.calls = calls;
        this.callbacks = callbacks;
        this.parts = parts;
        this.arguments = new KfuncArguments(env, helpers, parts);
        this.results = new KfuncResult(env, parts);
    }

    /** The next instruction, or -1 where the path ends. */
    int check(Insn insn) {
        Kfunc kfunc = find(insn);
        KfuncCall call = new KfuncCall(kfunc);
        if (kfunc.name().startsWith("bpf_res_spin_lock")) {
            failedLock(insn);
        }
        if (kfunc.has(Flag.SLEEPABLE) && !env.state.sleepable) {
            throw Env.refuse(
                    RefusalKind.SLEEPABLE,
                    "program must be sleepable to call sleepable kfunc " + kfunc.name());
        }
        arguments.check(call);
        callbacks.check(call);
        regions(kfunc);
        release(call);
        if (kfunc.isInsertion()) {
            parts.graphs().insert(env.reg(2).refId);
        }
        if (call.is("bpf_throw")) {
            calls.leaveByException();
            return -1;
        }
        env.clearCallerSaved(env.state.frame());
        results.give(call);
        if (kfunc.isIteratorNext()) {
            parts.iterators().next(call);
        }
        if (call.is("bpf_xdp_pull_data")) {
            env.forgetPacketPointers();
        }
        return insn.next();
    }

    private Kfunc find(Insn insn) {
        String name = env.program.kfuncs().get(insn.index());
        Kfunc kfunc = name == null ? null : KfuncRows.find(name);
        if (env.state.activeLocks > 0 && (kfunc == null || !kfunc.mayHoldLock())) {
            throw Env.refuse(
                    RefusalKind.LOCK, "function calls are not allowed while holding a lock");
        }
        if (kfunc == null) {
            throw Env.refuse(
                    RefusalKind.UNSUPPORTED,
                    name == null
                            ? "kernel function with BTF id " + insn.imm() + " has no name here"
                            : KfuncTable.refusal(name));
        }
        boolean iterator = env.attach() == AttachType.TRACE_ITER;
        boolean open = iterator || !kfunc.name().equals("bpf_sock_destroy");
        if (!kfunc.types().contains(env.type) || !open) {
            throw Env.refuse(
                    RefusalKind.HELPER,
                    "calling kernel function " + kfunc.name() + " is not allowed");
        }
        if (kfunc.has(Flag.DEVICE)) {
            throw Env.refuse(RefusalKind.HELPER, "metadata kfuncs require device-bound program");
        }
        if (kfunc.name().equals("__bpf_trap")) {
            throw Env.refuse(
                    RefusalKind.CONTROL_FLOW,
                    "unexpected __bpf_trap() due to uninitialized variable?");
        }
        return kfunc;
    }

    /** A lock that is not got: an error in r0, nothing held. */
    private void failedLock(Insn insn) {
        State failed = env.push(insn.next(), insn.index());
        env.clearCallerSaved(failed.frame());
        Reg error = failed.reg(0);
        error.setUnknown();
        error.s32min = -MAX_ERRNO;
        error.s32max = -1;
        error.smin = -MAX_ERRNO;
        error.smax = -1;
        error.sync();
    }

    // ---- regions

    private void regions(Kfunc kfunc) {
        State state = env.state;
        switch (kfunc.name()) {
            case "bpf_rcu_read_lock" -> {
                refuseInLess();
                if (state.rcuLocks > 0) {
                    throw Env.refuse(
                            RefusalKind.REGION,
                            "nested rcu read lock (kernel function bpf_rcu_read_lock)");
                }
                state.rcuLocks++;
            }
            case "bpf_rcu_read_unlock" -> {
                refuseInLess();
                rcuUnlock();
            }
            case "bpf_preempt_disable" -> state.preemptLocks++;
            case "bpf_preempt_enable" -> {
                if (state.preemptLocks == 0) {
                    throw Env.refuse(
                            RefusalKind.REGION,
                            "unmatched attempt to enable preemption (kernel function "
                                    + kfunc.name()
                                    + ")");
                }
                state.preemptLocks--;
            }
            default -> {
                if (kfunc.has(Flag.SLEEPABLE)) {
                    refuseSleep(kfunc);
                }
            }
        }
        if (kfunc.has(Flag.RCU_PROTECTED) && !env.inRcuSection()) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    "kernel func " + kfunc.name() + " requires RCU critical section protection");
        }
    }

    private void refuseInLess() {
        if (parts.graphs().isInLess()) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    "Calling bpf_rcu_read_{lock,unlock} in unnecessary rbtree callback");
        }
    }

    private void refuseSleep(Kfunc kfunc) {
        State state = env.state;
        String where =
                state.rcuLocks > 0
                        ? "rcu_read_lock region"
                        : state.preemptLocks > 0
                                ? "non-preemptible region"
                                : state.activeIrq != 0 ? "IRQ-disabled region" : null;
        if (where != null) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    "kernel func " + kfunc.name() + " is sleepable within " + where);
        }
    }

    /** What RCU protected is not trusted any more, iterators included. */
    private void rcuUnlock() {
        State state = env.state;
        if (state.rcuLocks == 0) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    "unmatched rcu read unlock (kernel function bpf_rcu_read_unlock)");
        }
        state.rcuLocks--;
        state.forEachReg(KfuncCheck::leaveRcu);
        for (int f = 0; f <= state.current; f++) {
            for (StackSlot slot : state.frames[f].slots) {
                if (slot.is(StackSlot.ITER)) {
                    leaveRcu(slot.spilled);
                }
            }
        }
    }

    private static void leaveRcu(Reg reg) {
        if (reg.has(Reg.RCU)) {
            reg.flags &= ~(Reg.RCU | Reg.NULL);
            reg.flags |= Reg.UNTRUSTED;
        }
    }

    // ---- references

    private void release(KfuncCall call) {
        if (!call.kfunc.has(Flag.RELEASE)) {
            return;
        }
        if (call.releaseRegno < 0) {
            throw Env.refuse(
                    RefusalKind.REFERENCE,
                    "release kernel function "
                            + call.kfunc.name()
                            + " expects refcounted PTR_TO_BTF_ID");
        }
        int refId = env.reg(call.releaseRegno).refId;
        if (!env.state.holdsPointer(refId)) {
            throw Env.refuse(
                    RefusalKind.REFERENCE,
                    "kfunc " + call.kfunc.name() + " reference has not been acquired before");
        }
        env.release(refId);
    }

    /** The kernel's types, for what a kernel function takes and gives. */
    static Btf types(Env env, Kfunc kfunc) {
        return env.requireTarget("kernel function " + kfunc.name());
    }
}
