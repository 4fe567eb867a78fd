package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.ProgramType;

/** Calls of the program's own functions, callbacks, and the way out of them. */
final class CallCheck {
    private final Env env;
    private final Pruning pruning;
    private final MemoryCheck memory;
    private final GlobalFunctions globals;
    private ArgumentCheck arguments;

    CallCheck(Env env, Pruning pruning, MemoryCheck memory, GlobalFunctions globals) {
        this.env = env;
        this.pruning = pruning;
        this.memory = memory;
        this.globals = globals;
    }

    void use(ArgumentCheck check) {
        this.arguments = check;
    }

    /** The next instruction. */
    int call(Insn insn) {
        Layout.Subprog callee = env.layout.at(Layout.callTarget(insn));
        if (callee.global && callee.index != 0) {
            return callGlobal(insn, callee);
        }
        Frame caller = env.state.frame();
        Frame frame = enter(env.state, callee, insn.index());
        for (int i = 1; i <= Env.MAX_ARGS; i++) {
            frame.regs[i].set(caller.regs[i]);
        }
        env.clearCallerSaved(caller);
        return callee.start;
    }

    private int callGlobal(Insn insn, Layout.Subprog callee) {
        if (env.state.activeLocks > 0) {
            throw Env.refuse(
                    RefusalKind.LOCK,
                    "global function calls are not allowed while holding a lock, use static"
                            + " function instead");
        }
        if (callee.mightSleep && !env.isSleepableNow()) {
            throw Env.refuse(
                    RefusalKind.SLEEPABLE,
                    "sleepable global function "
                            + callee.name
                            + "() called in a region that"
                            + " must not sleep");
        }
        callee.called = true;
        try {
            globals.checkCall(callee, arguments, memory);
        } catch (Refusal e) {
            throw Env.refuse(
                    e.kind(),
                    "Caller passes invalid args into func#"
                            + callee.index
                            + " ('"
                            + callee.name
                            + "'): "
                            + e.getMessage());
        }
        env.clearCallerSaved(env.state.frame());
        env.reg(0).setUnknown();
        if (callee.changesPacket) {
            env.forgetPacketPointers();
        }
        return insn.next();
    }

    Frame enter(State state, Layout.Subprog callee, int callSite) {
        if (state.current + 1 >= State.MAX_FRAMES) {
            throw Env.refuse(
                    RefusalKind.CALL,
                    "the call stack of " + (state.current + 2) + " frames is too deep");
        }
        for (int i = 0; i <= state.current; i++) {
            if (state.frames[i].subprog == callee.index) {
                throw Env.refuse(RefusalKind.CALL, "recursive call to " + callee.name + "()");
            }
        }
        Frame frame = new Frame(callSite, state.current + 1, callee.index);
        frame.asyncEntries = state.frame().asyncEntries;
        state.frames[++state.current] = frame;
        return frame;
    }

    // ---- exits

    /** Nothing may be held where control leaves for good. */
    void checkNothingHeld(String what) {
        checkNoRegion(what);
        checkNoReferences();
    }

    private void checkNoRegion(String what) {
        State state = env.state;
        if (state.activeLocks > 0) {
            throw Env.refuse(
                    RefusalKind.LOCK, what + " cannot be used inside bpf_spin_lock-ed region");
        }
        if (state.rcuLocks > 0) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    what + " cannot be used inside bpf_rcu_read_lock-ed region");
        }
        if (state.preemptLocks > 0) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    what + " cannot be used inside bpf_preempt_disable-ed region");
        }
        if (state.activeIrq != 0) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    what + " cannot be used inside bpf_local_irq_save-ed region");
        }
    }

    private void checkNoReferences() {
        for (Ref ref : env.state.refs) {
            if (ref.kind() == Ref.Kind.POINTER) {
                throw Env.refuse(
                        RefusalKind.REFERENCE_LEAK,
                        "Unreleased reference id=" + ref.id() + " alloc_insn=" + ref.insn());
            }
        }
    }

    /** {@code bpf_throw}: r1 is what the program returns, unless it has a callback for that. */
    void leaveByException() {
        if (env.layout.exceptionCallback == null) {
            checkReturn(env.state.frames[0], 1);
        }
        checkNothingHeld("bpf_throw");
    }

    /** The next instruction, or -1 where the path ends. */
    int exit() {
        State state = env.state;
        if (state.current > 0) {
            return leave();
        }
        checkNoRegion("BPF_EXIT instruction in main prog");
        checkNoReferences();
        checkReturn(state.frame(), 0);
        return -1;
    }

    private int leave() {
        State state = env.state;
        Frame callee = state.frame();
        Frame caller = state.frames[state.current - 1];
        Reg r0 = callee.regs[0];
        if (r0.type == RegType.STACK) {
            throw Env.refuse(RefusalKind.RETURN_VALUE, "cannot return stack pointer to the caller");
        }
        int next;
        if (callee.inCallback) {
            if (r0.type == RegType.NOT_INIT) {
                throw Env.refuse(RefusalKind.UNINITIALIZED_REGISTER, "R0 !read_ok");
            }
            if (!r0.isScalar()) {
                throw Env.refuse(RefusalKind.RETURN_VALUE, "R0 not a scalar value");
            }
            env.precision.mark(0);
            checkRange("At callback return", r0, 0, callee.retMin, callee.retMax);
            next = callee.callSite;
        } else {
            caller.regs[0].set(r0);
            next = env.code[callee.callSite].next();
        }
        state.frames[state.current--] = null;
        if (callee.inCallback) {
            env.insn = next;
            State old = pruning.previousAt(state.parent, next);
            if (old != null) {
                pruning.widen(old, state);
            }
        }
        return next;
    }

    private void checkReturn(Frame frame, int regno) {
        Reg result = env.reg(regno);
        if (frame.inAsyncCallback) {
            requireScalar("At async callback return", result, regno);
            env.precision.mark(regno);
            checkRange("At async callback return", result, regno, frame.retMin, frame.retMax);
            return;
        }
        if (frame.subprog != 0 && !frame.inExceptionCallback) {
            if (regno != 0 || !returnsVoid(frame)) {
                requireScalar("At subprogram exit", result, regno);
            }
            return;
        }
        boolean hook = env.type == ProgramType.LSM || env.type == ProgramType.STRUCT_OPS;
        boolean returnsNothing =
                hook && new TargetProto(env, env.requireTarget("the result of a hook")).isVoid();
        boolean cgroup = env.attach() == AttachType.LSM_CGROUP;
        if (returnsNothing && !cgroup) {
            return;
        }
        env.read(regno);
        ReturnRange range = ReturnRange.of(env.type, AttachType.of(env.spec.attachType()));
        if (env.type == ProgramType.LSM) {
            range =
                    cgroup
                            ? new ReturnRange(returnsNothing ? 1 : 0, 1)
                            : ReturnRange.ofHook(env.spec.attachTarget());
        }
        if (range == null) {
            return;
        }
        if (!result.isScalar()) {
            throw Env.refuse(
                    RefusalKind.RETURN_VALUE,
                    "At program exit the register R"
                            + regno
                            + " is not a known value ("
                            + Log.typeName(result)
                            + ")");
        }
        env.precision.mark(regno);
        if (env.type == ProgramType.LSM && !cgroup) {
            // such a result has 32 bits
            Reg low = new Reg(result);
            low.truncate(4);
            low.signExtend(4);
            result = low;
        }
        checkRange("At program exit", result, regno, range.min(), range.max());
    }

    private boolean returnsVoid(Frame frame) {
        Btf btf = env.object.btf();
        int type = env.layout.subprogs.get(frame.subprog).typeId;
        BtfType.FuncProto proto = btf == null ? null : btf.proto(type);
        return proto != null && proto.result() == 0;
    }

    private static void requireScalar(String when, Reg reg, int regno) {
        if (reg.type == RegType.NOT_INIT) {
            throw Env.refuse(RefusalKind.UNINITIALIZED_REGISTER, "R" + regno + " !read_ok");
        }
        if (!reg.isScalar()) {
            throw Env.refuse(
                    RefusalKind.RETURN_VALUE,
                    when
                            + " the register R"
                            + regno
                            + " is not a scalar value ("
                            + Log.typeName(reg)
                            + ")");
        }
    }

    private static void checkRange(String when, Reg reg, int regno, long min, long max) {
        if (reg.smin >= min && reg.smax <= max) {
            return;
        }
        StringBuilder text = new StringBuilder(when).append(" the register R" + regno + " has");
        if (reg.smin > Integer.MIN_VALUE) {
            text.append(" smin=").append(reg.smin);
        }
        if (reg.smax < Integer.MAX_VALUE) {
            text.append(" smax=").append(reg.smax);
        }
        if (reg.smin <= Integer.MIN_VALUE && reg.smax >= Integer.MAX_VALUE) {
            text.append(" unknown scalar value");
        }
        throw Env.refuse(
                RefusalKind.RETURN_VALUE, text + " should have been in [" + min + ", " + max + "]");
    }
}
