package org.trufflebpf.verifier;

import org.trufflebpf.btf.BtfKind;

/**
 * Open-coded iterators on the stack: made by {@code _new}, stepped by {@code _next}, ended by
 * {@code _destroy} (kernel: {@code process_iter_arg}).
 */
final class IteratorCheck {
    private final Env env;
    private final Pruning pruning;
    private final StackCheck stack;

    IteratorCheck(Env env, Pruning pruning, StackCheck stack) {
        this.env = env;
        this.pruning = pruning;
        this.stack = stack;
    }

    void argument(int regno, Reg pointer, KfuncCall call) {
        int arg = regno - 1;
        if (pointer.type != RegType.STACK) {
            throw Env.refuse(
                    RefusalKind.ITERATOR,
                    "arg#" + arg + " expected pointer to an iterator on stack");
        }
        String struct = call.kfunc.params().get(arg).type().name();
        String name = struct.substring("bpf_".length());
        int slots = slots(struct);
        int number = slotOf(pointer, slots);
        boolean fresh = call.kfunc.isIteratorNew();
        if (number < 0) {
            throw Env.refuse(
                    RefusalKind.ITERATOR,
                    (fresh ? "expected uninitialized " : "expected an initialized ")
                            + name
                            + " as arg #"
                            + arg);
        }
        if (fresh) {
            create(regno, pointer, call, name, number, slots);
        } else {
            use(pointer, call, name, number, slots);
        }
        call.iteratorFrame = pointer.frameno;
        call.iteratorSlot = number;
    }

    /** Stack slots of an iterator: the size of its structure, which is part of the interface. */
    private int slots(String struct) {
        return switch (struct) {
            case "bpf_iter_num",
                    "bpf_iter_task_vma",
                    "bpf_iter_css_task",
                    "bpf_iter_dmabuf",
                    "bpf_iter_kmem_cache" ->
                    1;
            case "bpf_iter_bits" -> 2;
            case "bpf_iter_task", "bpf_iter_css" -> 3;
            default -> {
                var btf = env.requireTarget("an iterator");
                yield (int) btf.sizeOf(btf.find(struct, BtfKind.STRUCT)) / 8;
            }
        };
    }

    /** The slot that the iterator starts at, or -1 where none can be. */
    private int slotOf(Reg pointer, int slots) {
        if (!pointer.isConst()) {
            env.log.line("iter has to be at a constant offset");
            return -1;
        }
        long off = pointer.off + pointer.bits.value();
        boolean inside = off >= -Env.STACK_SIZE && off <= -8L * slots;
        if (!inside || (off & 7) != 0) {
            env.log.line("cannot pass in iter at an offset=" + off);
            return -1;
        }
        return (int) (-off - 1) >> 3;
    }

    private void create(
            int regno, Reg pointer, KfuncCall call, String name, int number, int slots) {
        Frame frame = env.frameOf(pointer);
        for (int i = number; i > number - slots; i--) {
            if (i < frame.slots.size() && frame.slot(i).is(StackSlot.ITER)) {
                throw Env.refuse(
                        RefusalKind.ITERATOR,
                        "expected uninitialized " + name + " as arg #" + (regno - 1));
            }
        }
        stack.checkBounds(regno, pointer, pointer.off, 8 * slots, true);
        int refId = env.acquirePointer(env.insn);
        for (int i = number; i > number - slots; i--) {
            stack.destroyDynptr(pointer.frameno, i);
            StackSlot slot = frame.slot(i);
            slot.fill(StackSlot.ITER);
            slot.spilled.setPointer(RegType.STACK, 0);
            slot.spilled.iter = name;
            slot.spilled.refId = i == number ? refId : 0;
            if (call.kfunc.has(Kfunc.Flag.RCU_PROTECTED)) {
                slot.spilled.flags = env.inRcuSection() ? Reg.RCU : Reg.UNTRUSTED;
            }
            env.stackLiveness.write(pointer.frameno, i);
        }
    }

    private void use(Reg pointer, KfuncCall call, String name, int number, int slots) {
        Frame frame = env.frameOf(pointer);
        for (int i = number; i > number - slots; i--) {
            StackSlot slot = i < frame.slots.size() ? frame.slot(i) : null;
            if (slot != null && slot.is(StackSlot.ITER) && slot.spilled.has(Reg.UNTRUSTED)) {
                throw Env.refuse(
                        RefusalKind.ITERATOR, "expected an RCU CS when using " + call.kfunc.name());
            }
            if (slot == null
                    || !slot.is(StackSlot.ITER)
                    || !name.equals(slot.spilled.iter)
                    || (i == number) != (slot.spilled.refId != 0)) {
                throw Env.refuse(
                        RefusalKind.ITERATOR, "expected an initialized " + name + " as arg #0");
            }
            env.stackLiveness.read(pointer.frameno, i);
        }
        call.refId = frame.slot(number).spilled.refId;
        if (call.kfunc.isIteratorDestroy()) {
            for (int i = number; i > number - slots; i--) {
                frame.slot(i).invalidate();
            }
            env.release(call.refId);
        }
    }

    /**
     * The two ways on after {@code _next}: with an element, in a state that is left for later, and
     * without one. The result has been put into r0.
     */
    void next(KfuncCall call) {
        Reg here = env.state.frames[call.iteratorFrame].slot(call.iteratorSlot).spilled;
        if (!here.iterDrained) {
            State more = env.push(env.code[env.insn].next(), env.insn);
            more.frames[call.iteratorFrame].slot(call.iteratorSlot).spilled.iterDepth++;
            State old = pruning.previousAt(env.state.parent.parent, env.insn);
            if (old != null) {
                pruning.widen(old, more);
            }
            Reg value = more.reg(0);
            if (value.has(Reg.NULL)) {
                JumpCheck.notNull(value, true);
            }
        }
        here.iterDrained = true;
        env.reg(0).setKnown(0);
    }

    /** What an iterator gives: protected as the iterator is. */
    int trust(KfuncCall call) {
        Reg iterator = env.state.frames[call.iteratorFrame].slot(call.iteratorSlot).spilled;
        return iterator.has(Reg.RCU) ? Reg.RCU : Reg.TRUSTED;
    }
}
