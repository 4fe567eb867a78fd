package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.uapi.AttachType;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.verifier.HelperCheck.Meta;

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
        globals.checkCall(callee, arguments, memory);
        env.clearCallerSaved(env.state.frame());
        env.reg(0).setUnknown();
        if (callee.changesPacket) {
            env.forgetPacketPointers();
        }
        return insn.next();
    }

    private Frame enter(State state, Layout.Subprog callee, int callSite) {
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

    // ---- callbacks

    void callback(Insn insn, String helper, Meta meta) {
        Frame caller = env.state.frame();
        if (helper.equals("loop")) {
            env.precision.mark(1);
            if (Long.compareUnsigned(caller.callbackDepth, env.reg(1).umax) >= 0) {
                caller.callbackDepth = 0;
                return;
            }
        }
        Layout.Subprog callee = env.layout.subprogs.get(meta.subprog);
        if (callee.global) {
            globals.arguments(callee);
        }
        callee.isCallback = true;
        if (helper.equals("timer_set_callback")) {
            callee.isAsync = true;
            State later = env.pushAsync(callee.start, insn.index(), callee.index, false);
            Frame frame = later.frame();
            frame.asyncEntries = caller.asyncEntries + 1;
            frame.inAsyncCallback = true;
            mapPointer(frame.regs[1], meta.map, meta.mapUid);
            mapKey(frame.regs[2], meta.map);
            mapValue(frame.regs[3], meta.map, meta.mapUid);
            return;
        }
        State later = env.push(callee.start, insn.index());
        Frame outer = later.frame();
        Frame frame = enter(later, callee, insn.index());
        frame.inCallback = true;
        frame.retMin = 0;
        frame.retMax = 1;
        arrange(helper, outer, frame, meta);
        later.callbackUnrollDepth++;
        outer.callbackDepth++;
        caller.callbackDepth = 0;
    }

    private void arrange(String helper, Frame outer, Frame frame, Meta meta) {
        switch (helper) {
            case "loop" -> {
                frame.regs[1].setUnknown();
                frame.regs[2].set(outer.regs[3]);
            }
            case "for_each_map_elem" -> {
                mapPointer(frame.regs[1], meta.map, meta.mapUid);
                mapKey(frame.regs[2], meta.map);
                mapValue(frame.regs[3], meta.map, meta.mapUid);
                frame.regs[4].set(outer.regs[3]);
                if (meta.map.type() == MapType.ARRAY || meta.map.type() == MapType.PERCPU_ARRAY) {
                    frame.retMax = 1;
                }
            }
            case "user_ringbuf_drain" -> {
                Reg dynptr = frame.regs[1];
                dynptr.setPointer(RegType.DYNPTR, Reg.RDONLY);
                dynptr.dynptr = Reg.DynptrKind.LOCAL;
                dynptr.firstSlot = true;
                dynptr.id = env.newId();
                frame.regs[2].set(outer.regs[3]);
            }
            case "find_vma" -> {
                frame.regs[1].set(outer.regs[1]);
                Reg vma = frame.regs[2];
                vma.setPointer(RegType.BTF, 0);
                vma.btf = env.requireTarget("the callback of bpf_find_vma");
                vma.btfId = arguments.structId("vm_area_struct");
                frame.regs[3].set(outer.regs[4]);
            }
            default ->
                    throw Env.refuse(
                            RefusalKind.UNSUPPORTED, "callbacks of " + helper + " are not judged");
        }
    }

    private static void mapPointer(Reg reg, MapFacts map, int uid) {
        reg.setPointer(RegType.MAP_PTR, 0);
        reg.map = map;
        reg.mapUid = uid;
    }

    private static void mapKey(Reg reg, MapFacts map) {
        reg.setPointer(RegType.MAP_KEY, 0);
        reg.map = map;
    }

    private static void mapValue(Reg reg, MapFacts map, int uid) {
        reg.setPointer(RegType.MAP_VALUE, 0);
        reg.map = map;
        reg.mapUid = uid;
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

    /** The next instruction, or -1 where the path ends. */
    int exit() {
        State state = env.state;
        if (state.current > 0) {
            return leave();
        }
        checkNoRegion("BPF_EXIT instruction in main prog");
        checkNoReferences();
        checkReturn(state.frame());
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
            checkRange("At callback return", r0, callee.retMin, callee.retMax);
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

    private void checkReturn(Frame frame) {
        Reg r0 = frame.regs[0];
        if (frame.inAsyncCallback) {
            requireScalar("At async callback return", r0);
            env.precision.mark(0);
            checkRange("At async callback return", r0, 0, 0);
            return;
        }
        if (frame.subprog != 0) {
            if (returnsVoid(frame)) {
                return;
            }
            requireScalar("At subprogram exit", r0);
            return;
        }
        if (env.type == ProgramType.LSM && r0.type == RegType.NOT_INIT) {
            throw Env.refuse(RefusalKind.UNINITIALIZED_REGISTER, "R0 !read_ok");
        }
        env.read(0);
        ReturnRange range = ReturnRange.of(env.type, AttachType.of(env.spec.attachType()));
        if (range == null) {
            return;
        }
        if (!r0.isScalar()) {
            throw Env.refuse(
                    RefusalKind.RETURN_VALUE,
                    "At program exit the register R0 is not a known value ("
                            + Log.typeName(r0)
                            + ")");
        }
        env.precision.mark(0);
        checkRange("At program exit", r0, range.min(), range.max());
    }

    private boolean returnsVoid(Frame frame) {
        var btf = env.object.btf();
        int type = env.layout.subprogs.get(frame.subprog).typeId;
        return btf != null
                && type != 0
                && btf.type(type) instanceof org.trufflebpf.btf.BtfType.Func function
                && btf.type(function.proto()) instanceof org.trufflebpf.btf.BtfType.FuncProto proto
                && proto.result() == 0;
    }

    private static void requireScalar(String when, Reg r0) {
        if (r0.type == RegType.NOT_INIT) {
            throw Env.refuse(RefusalKind.UNINITIALIZED_REGISTER, "R0 !read_ok");
        }
        if (!r0.isScalar()) {
            throw Env.refuse(
                    RefusalKind.RETURN_VALUE,
                    when + " the register R0 is not a scalar value (" + Log.typeName(r0) + ")");
        }
    }

    private static void checkRange(String when, Reg r0, long min, long max) {
        if (r0.smin >= min && r0.smax <= max) {
            return;
        }
        StringBuilder text = new StringBuilder(when).append(" the register R0 has");
        if (r0.smin > Integer.MIN_VALUE) {
            text.append(" smin=").append(r0.smin);
        }
        if (r0.smax < Integer.MAX_VALUE) {
            text.append(" smax=").append(r0.smax);
        }
        if (r0.smin <= Integer.MIN_VALUE && r0.smax >= Integer.MAX_VALUE) {
            text.append(" unknown scalar value");
        }
        throw Env.refuse(
                RefusalKind.RETURN_VALUE, text + " should have been in [" + min + ", " + max + "]");
    }
}
