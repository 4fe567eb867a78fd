package org.trufflebpf.verifier;

import org.trufflebpf.helper.ArgKind;
import org.trufflebpf.helper.HelperArg;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.KfuncTable;
import org.trufflebpf.insn.Insn;

/** Calls of kernel functions. What has no row in the table is refused by name. */
final class KfuncCheck {
    private static final String NUM = "num";

    private final Env env;
    private final Pruning pruning;
    private final ArgumentCheck arguments;
    private final MemoryCheck memory;

    KfuncCheck(Env env, Pruning pruning, ArgumentCheck arguments, MemoryCheck memory) {
        this.env = env;
        this.pruning = pruning;
        this.arguments = arguments;
        this.memory = memory;
    }

    void check(Insn insn) {
        String name = env.program.kfuncs().get(insn.index());
        String essential = name == null ? "" : name.replaceFirst("___.*", "");
        if (env.state.activeLocks > 0) {
            throw Env.refuse(
                    RefusalKind.LOCK, "function calls are not allowed while holding a lock");
        }
        switch (essential) {
            case "bpf_iter_num_new" -> newIterator();
            case "bpf_iter_num_next" -> nextIterator();
            case "bpf_iter_num_destroy" -> destroyIterator();
            case "bpf_rcu_read_lock" -> {
                env.state.rcuLocks++;
                leave(false);
            }
            case "bpf_rcu_read_unlock" -> rcuUnlock();
            case "bpf_preempt_disable" -> {
                env.state.preemptLocks++;
                leave(false);
            }
            case "bpf_preempt_enable" -> {
                if (env.state.preemptLocks == 0) {
                    throw Env.refuse(
                            RefusalKind.REGION,
                            "unmatched attempt to enable preemption (kernel function "
                                    + essential
                                    + ")");
                }
                env.state.preemptLocks--;
                leave(false);
            }
            case "bpf_strlen", "bpf_strnlen", "bpf_strcmp", "bpf_strchr", "bpf_strnchr" ->
                    strings(essential);
            default ->
                    throw Env.refuse(
                            RefusalKind.UNSUPPORTED,
                            "kernel function "
                                    + (name == null ? "with BTF id " + insn.imm() : name)
                                    + " is not known to this verifier");
        }
    }

    private void leave(boolean result) {
        env.clearCallerSaved(env.state.frame());
        if (result) {
            env.reg(0).setUnknown();
        }
    }

    private void rcuUnlock() {
        if (env.state.rcuLocks == 0) {
            throw Env.refuse(
                    RefusalKind.REGION,
                    "unmatched rcu read unlock (kernel function bpf_rcu_read_unlock)");
        }
        if (--env.state.rcuLocks == 0) {
            env.state.forEachReg(
                    reg -> {
                        if (reg.has(Reg.RCU)) {
                            reg.flags &= ~(Reg.RCU | Reg.NULL);
                            reg.flags |= Reg.UNTRUSTED;
                        }
                    });
        }
        leave(false);
    }

    /** Strings are pointers to memory of one byte at least, or numbers (lengths, characters). */
    private void strings(String name) {
        HelperRow row = KfuncTable.byName(name);
        int count = row == null ? 0 : row.args().size();
        for (int i = 1; i <= count; i++) {
            Reg reg = env.read(i);
            boolean text =
                    switch (name) {
                        case "bpf_strcmp" -> true;
                        default -> i == 1;
                    };
            if (text && !reg.isNull()) {
                arguments.check(
                        i - 1,
                        new HelperArg(
                                ArgKind.MEM, java.util.Set.of(HelperArg.Flag.RDONLY), 1, null),
                        row,
                        new HelperCheck.Meta());
            } else if (!text && !reg.isScalar()) {
                throw Env.refuse(RefusalKind.ARGUMENT, "R" + i + " is not a scalar");
            }
        }
        leave(true);
    }

    // ---- iterators over numbers

    private StackSlot slot(boolean fresh) {
        Reg pointer = env.read(1);
        if (pointer.type != RegType.STACK || !pointer.isConst()) {
            throw Env.refuse(
                    RefusalKind.ITERATOR, "arg#0 expected pointer to an iterator on stack");
        }
        long off = pointer.off + pointer.bits.value();
        if (off > -8 || off < -Env.STACK_SIZE || (off & 7) != 0) {
            throw Env.refuse(RefusalKind.ITERATOR, "cannot pass in iter at an offset=" + off);
        }
        int number = (int) (-off - 1) >> 3;
        Frame frame = env.frameOf(pointer);
        if (fresh) {
            memory.stack.checkBounds(1, pointer, pointer.off, 8, true);
            memory.stack.destroyDynptr(pointer.frameno, number);
        }
        StackSlot slot = frame.slot(number);
        if (fresh == slot.is(StackSlot.ITER)) {
            throw Env.refuse(
                    RefusalKind.ITERATOR,
                    fresh
                            ? "expected uninitialized iter_num as arg #0"
                            : "expected an initialized iter_num as arg #0");
        }
        if (fresh) {
            env.stackLiveness.write(pointer.frameno, number);
        } else {
            env.stackLiveness.read(pointer.frameno, number);
        }
        return slot;
    }

    private void newIterator() {
        for (int i = 2; i <= 3; i++) {
            if (!env.read(i).isScalar()) {
                throw Env.refuse(RefusalKind.ARGUMENT, "R" + i + " is not a scalar");
            }
        }
        StackSlot slot = slot(true);
        slot.fill(StackSlot.ITER);
        slot.spilled.setPointer(RegType.STACK, 0);
        slot.spilled.iter = NUM;
        slot.spilled.refId = env.acquirePointer(env.insn);
        leave(true);
    }

    private void nextIterator() {
        StackSlot slot = slot(false);
        if (!slot.spilled.iterDrained) {
            State more = env.push(env.code[env.insn].next(), env.insn);
            Reg pointer = env.read(1);
            int number = (int) (-(pointer.off + pointer.bits.value()) - 1) >> 3;
            Reg iterator = more.frames[pointer.frameno].slots.get(number).spilled;
            iterator.iterDepth++;
            State old = pruning.previousAt(env.state.parent.parent, env.insn);
            if (old != null) {
                pruning.widen(old, more);
            }
            env.clearCallerSaved(more.frame());
            Reg value = more.reg(0);
            value.setPointer(RegType.MEM, 0);
            value.memSize = 4;
            value.refId = iterator.refId;
        }
        slot.spilled.iterDrained = true;
        env.clearCallerSaved(env.state.frame());
        env.reg(0).setKnown(0);
    }

    private void destroyIterator() {
        StackSlot slot = slot(false);
        int refId = slot.spilled.refId;
        slot.invalidate();
        env.release(refId);
        leave(false);
    }
}
