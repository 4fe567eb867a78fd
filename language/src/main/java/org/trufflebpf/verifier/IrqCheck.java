package org.trufflebpf.verifier;

import org.trufflebpf.verifier.Ref.Kind;

/**
 * Saved interrupt flags on the stack, which are restored in the opposite order (kernel: {@code
 * process_irq_flag}).
 */
final class IrqCheck {
    private final Env env;
    private final StackCheck stack;

    IrqCheck(Env env, StackCheck stack) {
        this.env = env;
        this.stack = stack;
    }

    void argument(int regno, Reg pointer, KfuncCall call) {
        int arg = regno - 1;
        if (pointer.type != RegType.STACK) {
            throw Env.refuse(
                    RefusalKind.REGION, "arg#" + arg + " doesn't point to an irq flag on stack");
        }
        long off = pointer.off + pointer.bits.value();
        boolean placed = pointer.isConst() && off <= -8 && off >= -Env.STACK_SIZE && (off & 7) == 0;
        int number = placed ? (int) (-off - 1) >> 3 : -1;
        Frame frame = env.frameOf(pointer);
        boolean saved =
                placed && number < frame.slots.size() && frame.slot(number).is(StackSlot.IRQ_FLAG);
        boolean byLock = call.kfunc.isResLock();
        if (call.kfunc.name().endsWith("save")) {
            if (!placed || saved) {
                throw Env.refuse(
                        RefusalKind.REGION, "expected uninitialized irq flag as arg#" + arg);
            }
            stack.checkBounds(regno, pointer, pointer.off, 8, true);
            save(frame, number, byLock);
        } else {
            if (!saved) {
                throw Env.refuse(
                        RefusalKind.REGION, "expected an initialized irq flag as arg#" + arg);
            }
            env.stackLiveness.read(pointer.frameno, number);
            restore(frame.slot(number), byLock);
        }
    }

    private void save(Frame frame, int number, boolean byLock) {
        stack.destroyDynptr(frame.frameno, number);
        int id = env.newId();
        env.state.refs.add(new Ref(Kind.IRQ, id, env.insn, null));
        env.state.activeIrq = id;
        StackSlot slot = frame.slot(number);
        slot.fill(StackSlot.IRQ_FLAG);
        slot.spilled.setPointer(RegType.STACK, 0);
        slot.spilled.refId = id;
        slot.spilled.irqByLock = byLock;
        env.stackLiveness.write(frame.frameno, number);
    }

    private void restore(StackSlot slot, boolean byLock) {
        Reg flag = slot.spilled;
        if (flag.irqByLock != byLock) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    "irq flag acquired by "
                            + family(flag.irqByLock)
                            + " kfuncs cannot be restored with "
                            + family(byLock)
                            + " kfuncs");
        }
        State state = env.state;
        if (flag.refId != state.activeIrq) {
            Ref active = state.ref(state.activeIrq);
            throw Env.refuse(
                    RefusalKind.REGION,
                    "cannot restore irq state out of order, expected id="
                            + state.activeIrq
                            + " acquired at insn_idx="
                            + (active == null ? -1 : active.insn()));
        }
        state.refs.removeIf(ref -> ref.kind() == Kind.IRQ && ref.id() == flag.refId);
        state.activeIrq = 0;
        for (Ref ref : state.refs) {
            if (ref.kind() == Kind.IRQ) {
                state.activeIrq = ref.id();
            }
        }
        slot.invalidate();
    }

    private static String family(boolean byLock) {
        return byLock ? "lock" : "native";
    }
}
