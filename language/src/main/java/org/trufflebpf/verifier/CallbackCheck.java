package org.trufflebpf.verifier;

import org.trufflebpf.verifier.HelperCheck.Meta;

/**
 * Calls that call back a function of the program: at once, each turn in a state of its own, or
 * later (kernel: {@code push_callback_call}).
 */
final class CallbackCheck {
    private final Env env;
    private final CallCheck calls;
    private final GraphCheck graphs;
    private final GlobalFunctions globals;

    CallbackCheck(Env env, CallCheck calls, GraphCheck graphs, GlobalFunctions globals) {
        this.env = env;
        this.calls = calls;
        this.graphs = graphs;
        this.globals = globals;
    }

    /** The callback of a helper. */
    void check(String helper, Meta meta) {
        if (helper.equals("timer_set_callback")) {
            later(callee(meta.subprog), meta.map, meta.mapUid, false, false);
            return;
        }
        if (helper.equals("loop")) {
            Frame caller = env.state.frame();
            env.precision.mark(1);
            if (Long.compareUnsigned(caller.callbackDepth, env.reg(1).umax) >= 0) {
                caller.callbackDepth = 0;
                return;
            }
        }
        Turn turn = now(callee(meta.subprog));
        Frame frame = turn.frame();
        Frame outer = turn.caller();
        switch (helper) {
            case "loop" -> {
                frame.regs[1].setUnknown();
                frame.regs[2].set(outer.regs[3]);
            }
            case "for_each_map_elem" -> {
                element(frame, meta.map, meta.mapUid);
                frame.regs[4].set(outer.regs[3]);
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
                vma.btfId = env.requireStruct("vm_area_struct", "the callback of bpf_find_vma");
                frame.regs[3].set(outer.regs[4]);
            }
            default ->
                    throw Env.refuse(
                            RefusalKind.UNSUPPORTED, "callbacks of " + helper + " are not judged");
        }
    }

    /** The callback of a kernel function, if it has one. */
    void check(KfuncCall call) {
        if (call.is("bpf_rbtree_add_impl")) {
            Frame frame = now(callee(call.subprog)).frame();
            frame.comparesNodes = true;
            for (int i = 1; i <= 2; i++) {
                graphs.nodeOf(call.root, frame.regs[i]);
                graphs.setNonOwning(frame.regs[i]);
            }
        } else if (call.subprog >= 0) {
            boolean anyResult = call.kfunc.name().startsWith("bpf_task_work_");
            later(callee(call.subprog), call.map, call.mapUid, true, anyResult);
        }
    }

    private Layout.Subprog callee(int index) {
        Layout.Subprog callee = env.layout.subprogs.get(index);
        if (callee.global) {
            globals.arguments(callee);
        }
        callee.isCallback = true;
        return callee;
    }

    /** The callback's frame and that of the call, in the state that enters it. */
    private record Turn(Frame caller, Frame frame) {}

    /** A state that enters the callback; the present one goes on as if it had returned. */
    private Turn now(Layout.Subprog callee) {
        State later = env.push(callee.start, env.insn);
        Frame outer = later.frame();
        Frame frame = calls.enter(later, callee, env.insn);
        frame.inCallback = true;
        frame.retMin = 0;
        frame.retMax = 1;
        later.callbackUnrollDepth++;
        outer.callbackDepth++;
        env.state.frame().callbackDepth = 0;
        return new Turn(outer, frame);
    }

    /** A state of its own for a callback that runs some time later, with an element of a map. */
    private void later(
            Layout.Subprog callee, MapFacts map, int uid, boolean sleepable, boolean anyResult) {
        callee.isAsync = true;
        int entries = env.state.frame().asyncEntries;
        State later = env.pushAsync(callee.start, env.insn, callee.index, sleepable);
        Frame frame = later.frame();
        frame.asyncEntries = entries + 1;
        frame.inAsyncCallback = true;
        frame.retMin = anyResult ? Integer.MIN_VALUE : 0;
        frame.retMax = anyResult ? Integer.MAX_VALUE : 0;
        element(frame, map, uid);
    }

    /** Map, key and value in r1 to r3. */
    private static void element(Frame frame, MapFacts map, int uid) {
        frame.regs[1].setPointer(RegType.MAP_PTR, 0);
        frame.regs[2].setPointer(RegType.MAP_KEY, 0);
        frame.regs[3].setPointer(RegType.MAP_VALUE, 0);
        for (int i = 1; i <= 3; i++) {
            frame.regs[i].map = map;
        }
        frame.regs[1].mapUid = uid;
        frame.regs[3].mapUid = uid;
    }
}
