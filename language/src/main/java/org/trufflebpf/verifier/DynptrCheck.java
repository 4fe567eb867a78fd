package org.trufflebpf.verifier;

import org.trufflebpf.helper.HelperArg;
import org.trufflebpf.helper.HelperArg.Flag;
import org.trufflebpf.verifier.HelperCheck.Meta;
import org.trufflebpf.verifier.Reg.DynptrKind;

import java.util.Locale;

/**
 * Dynptrs on the stack: two slots each, made, used and given back by helpers and kernel functions.
 */
final class DynptrCheck {
    private final Env env;
    private final MemoryCheck memory;

    DynptrCheck(Env env, MemoryCheck memory) {
        this.env = env;
        this.memory = memory;
    }

    /**
     * What an argument does with a dynptr.
     *
     * @param kind the kind that it makes or wants, NONE for any
     * @param fresh it makes a new one
     * @param mutates it changes one
     * @param refId of a copy: the reference of the original
     */
    record Use(DynptrKind kind, boolean fresh, boolean mutates, int refId) {}

    void argument(int regno, Reg reg, HelperArg arg, Meta meta) {
        boolean fresh = arg.has(Flag.UNINIT);
        boolean mutates = arg.written() && !arg.has(Flag.RDONLY);
        Reg found = use(regno, reg, new Use(kindOf(arg), fresh, mutates, 0));
        if (fresh) {
            return;
        }
        meta.dynptr = found.dynptr;
        meta.dynptrId = found.id;
        meta.dynptrRefId = found.refId;
        if (arg.has(Flag.RELEASE)) {
            if (found.refId == 0) {
                throw Env.refuse(
                        RefusalKind.DYNPTR, "arg " + regno + " is an unacquired reference");
            }
            release(found.refId);
        }
    }

    /** The dynptr that is given, or {@code null} if it is made by the call. */
    Reg use(int regno, Reg reg, Use use) {
        int arg = regno - 1;
        if (reg.type != RegType.STACK && reg.type != RegType.DYNPTR) {
            throw Env.refuse(
                    RefusalKind.DYNPTR,
                    "arg#" + arg + " expected pointer to stack or const struct bpf_dynptr");
        }
        boolean placed =
                reg.type == RegType.DYNPTR
                        || (reg.isConst() && slotOf(reg) >= 1 && !misaligned(reg));
        if (!placed) {
            env.log.line(
                    reg.isConst()
                            ? "cannot pass in dynptr at an offset=" + (reg.off + reg.bits.value())
                            : "dynptr has to be at a constant offset");
        }
        if (use.fresh()) {
            if (!placed || reg.type != RegType.STACK) {
                throw Env.refuse(RefusalKind.DYNPTR, "Dynptr has to be an uninitialized dynptr");
            }
            make(regno, reg, use);
            return null;
        }
        if (use.mutates() && reg.has(Reg.RDONLY)) {
            throw Env.refuse(
                    RefusalKind.DYNPTR,
                    "cannot pass pointer to const bpf_dynptr, the helper mutates it");
        }
        Reg found = reg.type == RegType.DYNPTR ? reg : placed ? head(reg) : null;
        if (found == null) {
            throw Env.refuse(RefusalKind.DYNPTR, "Expected an initialized dynptr as arg #" + arg);
        }
        if (use.kind() != DynptrKind.NONE && found.dynptr != use.kind()) {
            throw Env.refuse(
                    RefusalKind.DYNPTR,
                    "Expected a dynptr of type "
                            + use.kind().name().toLowerCase(Locale.ROOT)
                            + " as arg #"
                            + arg);
        }
        if (reg.type == RegType.STACK) {
            int slot = slotOf(reg);
            env.stackLiveness.read(reg.frameno, slot);
            env.stackLiveness.read(reg.frameno, slot - 1);
        }
        return found;
    }

    private static boolean misaligned(Reg reg) {
        return ((reg.off + reg.bits.value()) & 7) != 0;
    }

    private static int slotOf(Reg reg) {
        long off = reg.off + reg.bits.value();
        return off >= 0 || off < -Env.STACK_SIZE ? -1 : (int) (-off - 1) >> 3;
    }

    private static DynptrKind kindOf(HelperArg arg) {
        if (arg.has(Flag.RINGBUF)) {
            return DynptrKind.RINGBUF;
        }
        if (arg.has(Flag.LOCAL)) {
            return DynptrKind.LOCAL;
        }
        if (arg.has(Flag.SKB)) {
            return DynptrKind.SKB;
        }
        return arg.has(Flag.XDP) ? DynptrKind.XDP : DynptrKind.NONE;
    }

    /** The dynptr at a stack pointer, or {@code null}. */
    private Reg head(Reg pointer) {
        int slot = slotOf(pointer);
        Frame frame = env.frameOf(pointer);
        if (slot < 1 || slot >= frame.slots.size()) {
            return null;
        }
        for (int i = slot; i >= slot - 1; i--) {
            for (byte kind : frame.slots.get(i).kinds) {
                if (kind != StackSlot.DYNPTR) {
                    return null;
                }
            }
        }
        Reg head = frame.slots.get(slot).spilled;
        return head.firstSlot ? head : null;
    }

    private void make(int regno, Reg reg, Use use) {
        memory.stack.checkBounds(regno, reg, reg.off, 16, true);
        int slot = slotOf(reg);
        memory.stack.destroyDynptr(reg.frameno, slot);
        memory.stack.destroyDynptr(reg.frameno, slot - 1);
        Frame frame = env.frameOf(reg);
        DynptrKind kind = use.kind();
        int refId = use.refId();
        if (kind == DynptrKind.RINGBUF && refId == 0) {
            refId = env.acquirePointer(env.insn);
        }
        int id = env.newId();
        for (int i = slot; i >= slot - 1; i--) {
            StackSlot part = frame.slot(i);
            part.fill(StackSlot.DYNPTR);
            part.spilled.setPointer(RegType.DYNPTR, 0);
            part.spilled.dynptr = kind;
            part.spilled.firstSlot = i == slot;
            part.spilled.id = id;
            part.spilled.refId = refId;
            env.stackLiveness.write(reg.frameno, i);
        }
    }

    private void release(int refId) {
        env.releaseWithoutMark(env.state, refId);
        for (int f = 0; f <= env.state.current; f++) {
            for (StackSlot slot : env.state.frames[f].slots) {
                if (slot.is(StackSlot.DYNPTR) && slot.spilled.refId == refId) {
                    slot.invalidate();
                }
            }
        }
        env.state.forEachReg(
                reg -> {
                    if (reg.refId == refId) {
                        Env.invalidate(reg);
                    }
                });
    }
}
