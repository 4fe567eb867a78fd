package org.trufflebpf.verifier;

/** Reads and writes of the stack, byte by byte and register by register. */
final class StackCheck {
    private final Env env;

    StackCheck(Env env) {
        this.env = env;
    }

    private static int index(int off) {
        return (-off - 1) & 7;
    }

    private static int slotOf(int off) {
        return (-off - 1) >> 3;
    }

    /** Holds an access to the frame of 512 bytes, and makes the slots that it touches. */
    void checkBounds(int regno, Reg reg, int off, int size, boolean write) {
        String way = write ? " write to" : " read from";
        long min;
        long max;
        if (reg.isConst()) {
            min = reg.bits.value() + off;
            max = min + size;
        } else {
            if (reg.smax >= Env.MAX_VAR_OFF || reg.smin <= -Env.MAX_VAR_OFF) {
                throw Env.refuse(
                        RefusalKind.STACK_BOUNDS,
                        "invalid unbounded variable-offset" + way + " stack R" + regno);
            }
            min = reg.smin + off;
            max = reg.smax + off + size;
        }
        if (min < -Env.STACK_SIZE || min > -1 || max > 0 || size < 0) {
            throw Env.refuse(
                    RefusalKind.STACK_BOUNDS,
                    reg.isConst()
                            ? "invalid" + way + " stack R" + regno + " off=" + min + " size=" + size
                            : "invalid variable-offset"
                                    + way
                                    + " stack R"
                                    + regno
                                    + " var_off="
                                    + reg.bits
                                    + " off="
                                    + off
                                    + " size="
                                    + size);
        }
        Frame frame = env.frameOf(reg);
        frame.grow((int) -min);
        Layout.Subprog subprog = env.layout.subprogs.get(frame.subprog);
        subprog.stackDepth = Math.max(subprog.stackDepth, (int) -min);
    }

    void read(int regno, Reg reg, int off, int size, int value) {
        if (reg.isConst()) {
            readFixed(reg, (int) (off + reg.bits.value()), size, value);
            return;
        }
        if (value < 0) {
            throw Env.refuse(
                    RefusalKind.STACK_BOUNDS,
                    "variable offset stack pointer cannot be passed into helper function; var_off="
                            + reg.bits
                            + " off="
                            + off
                            + " size="
                            + size);
        }
        checkInitialized(regno, reg, off, size, false, false, null);
        int min = (int) (reg.smin + off);
        int max = (int) (reg.smax + off);
        readBytes(env.frameOf(reg), min, max + size, value);
    }

    private void readFixed(Reg pointer, int off, int size, int value) {
        Frame frame = env.frameOf(pointer);
        int number = slotOf(off);
        StackSlot slot = frame.slot(number);
        Reg spilled = slot.spilled;
        int last = slotOf(off + size - 1);
        for (int i = last; i <= number; i++) {
            env.stackLiveness.read(pointer.frameno, i);
        }
        if (!slot.isSpill()) {
            checkBytes(frame, off, size);
            if (value >= 0) {
                readBytes(frame, off, off + size, value);
            }
            return;
        }
        int spillSize = 1;
        for (int i = 7; i > 0 && slot.kinds[i - 1] == StackSlot.SPILL; i--) {
            spillSize++;
        }
        boolean restored = true;
        if (size != 8 || spillSize != 8) {
            if (!spilled.isScalar()) {
                throw Env.refuse(RefusalKind.INVALID_POINTER, "invalid size of register fill");
            }
            if (value < 0) {
                return;
            }
            restored = fill(frame, slot, off, size, spillSize, value);
        } else if (value >= 0) {
            env.links.beforeCopy(spilled);
            env.reg(value).set(spilled);
        }
        if (restored) {
            env.historyOfStack(pointer.frameno, number);
        }
    }

    /** Reads part of a spilled scalar; false where the result is not that scalar. */
    private boolean fill(Frame frame, StackSlot slot, int off, int size, int spillSize, int value) {
        Reg spilled = slot.spilled;
        Reg dst = env.reg(value);
        if (size <= spillSize && (off & 7) == 0) {
            if (size == 4 && spillSize == 4 && Env.width(spilled) <= 32) {
                env.links.beforeCopy(spilled);
            }
            boolean narrows = Env.width(spilled) > size * 8;
            dst.set(spilled);
            if (narrows) {
                ScalarLinks.unlink(dst);
            }
            return true;
        }
        int spills = 0;
        int zeros = 0;
        for (int i = 0; i < size; i++) {
            byte kind = frame.slot(slotOf(off + i)).kinds[index(off + i)];
            if (kind == StackSlot.SPILL) {
                spills++;
            } else if (kind == StackSlot.ZERO) {
                zeros++;
            } else if (kind >= StackSlot.DYNPTR) {
                throw invalidRead(off, i, size);
            }
        }
        if (spills == size && spilled.isZero()) {
            dst.setKnown(0);
            return true;
        }
        if (zeros == size) {
            dst.setKnown(0);
        } else {
            dst.setUnknown();
        }
        return false;
    }

    private static Refusal invalidRead(int off, int i, int size) {
        return Env.refuse(
                RefusalKind.UNINITIALIZED_STACK,
                "invalid read from stack off " + off + "+" + i + " size " + size);
    }

    private static void checkBytes(Frame frame, int off, int size) {
        for (int i = 0; i < size; i++) {
            byte kind = frame.slot(slotOf(off + i)).kinds[index(off + i)];
            if (kind >= StackSlot.DYNPTR || kind == StackSlot.SPILL) {
                throw invalidRead(off, i, size);
            }
        }
    }

    private void readBytes(Frame frame, int from, int to, int value) {
        boolean zero = true;
        for (int off = from; off < to; off++) {
            if (frame.slot(slotOf(off)).kinds[index(off)] != StackSlot.ZERO) {
                zero = false;
            }
        }
        if (zero) {
            env.reg(value).setKnown(0);
        } else {
            env.reg(value).setUnknown();
        }
    }

    // ---- writes

    /**
     * Writes a register, or a constant.
     *
     * @param value the register, or -1
     * @param constant the number that is stored where there is no register; {@code null} for
     *     unknown bytes
     */
    void write(Reg pointer, int off, int size, int value, Long constant) {
        if (pointer.isConst()) {
            writeFixed(pointer, (int) (off + pointer.bits.value()), size, value, constant);
        } else {
            writeVariable(pointer, off, size, value, constant);
        }
    }

    private void writeFixed(Reg pointer, int off, int size, int value, Long constant) {
        Frame frame = env.frameOf(pointer);
        int number = slotOf(off);
        StackSlot slot = frame.slot(number);
        destroyDynptr(pointer.frameno, number);
        if (size == 8) {
            env.stackLiveness.write(pointer.frameno, number);
        }
        Reg reg = value >= 0 ? env.reg(value) : null;
        boolean aligned = (off & 7) == 0;
        if (reg != null && aligned && reg.isScalar()) {
            boolean fits = Env.width(reg) <= 8 * size;
            if (fits) {
                env.links.beforeCopy(reg);
            }
            spill(slot, reg, size);
            if (!fits) {
                ScalarLinks.unlink(slot.spilled);
            }
            env.historyOfStack(pointer.frameno, number);
        } else if (reg == null && aligned && constant != null) {
            Reg known = new Reg();
            known.setKnown(constant);
            spill(slot, known, size);
            env.historyOfStack(pointer.frameno, number);
        } else if (reg != null && reg.isPointer()) {
            if (size != 8) {
                throw Env.refuse(RefusalKind.INVALID_POINTER, "invalid size of register spill");
            }
            if (frame != env.state.frame() && reg.type == RegType.STACK) {
                throw Env.refuse(
                        RefusalKind.INVALID_POINTER,
                        "cannot spill pointers to stack into stack frame of the caller");
            }
            spill(slot, reg, size);
            env.historyOfStack(pointer.frameno, number);
        } else {
            writeBytes(frame, off, size, reg, value, constant);
        }
    }

    private void writeBytes(Frame frame, int off, int size, Reg reg, int value, Long constant) {
        byte kind = StackSlot.MISC;
        if ((reg != null && reg.isNull()) || (constant != null && constant == 0)) {
            if (reg != null) {
                env.precision.mark(value);
            }
            kind = StackSlot.ZERO;
        }
        for (int i = slotOf(off + size - 1); i <= slotOf(off); i++) {
            StackSlot slot = frame.slot(i);
            boolean spill = slot.isSpill();
            for (int b = 0; b < 8; b++) {
                if (slot.kinds[b] == StackSlot.SPILL || slot.kinds[b] >= StackSlot.DYNPTR) {
                    slot.kinds[b] = StackSlot.MISC;
                    spill = true;
                }
            }
            if (spill) {
                slot.spilled.setNotInit();
            }
        }
        for (int i = 0; i < size; i++) {
            frame.slot(slotOf(off + i)).kinds[index(off + i)] = kind;
        }
    }

    private static void spill(StackSlot slot, Reg reg, int size) {
        slot.spilled.set(reg);
        slot.spilled.precise = reg.precise;
        for (int i = 7; i >= 0; i--) {
            if (i >= 8 - size) {
                slot.kinds[i] = StackSlot.SPILL;
            } else if (slot.kinds[i] != StackSlot.ZERO && slot.kinds[i] != StackSlot.INVALID) {
                slot.kinds[i] = StackSlot.MISC;
            }
        }
    }

    private void writeVariable(Reg pointer, int off, int size, int value, Long constant) {
        Frame frame = env.frameOf(pointer);
        int min = (int) (pointer.smin + off);
        int max = (int) (pointer.smax + off) + size;
        Reg reg = value >= 0 ? env.reg(value) : null;
        boolean zero =
                (reg != null && reg.isNull()) || (reg == null && constant != null && constant == 0);
        boolean zeroUsed = false;
        for (int at = min; at < max; at++) {
            destroyDynptr(pointer.frameno, slotOf(at));
        }
        for (int at = min; at < max; at++) {
            StackSlot slot = frame.slot(slotOf(at));
            int i = index(at);
            byte kind = slot.kinds[i];
            if (zero && kind == StackSlot.SPILL && slot.isScalarSpill() && slot.spilled.isZero()) {
                zeroUsed = true;
                continue;
            }
            if (slot.isSpill() || slot.isSpecial()) {
                for (int b = 0; b < 8; b++) {
                    if (slot.kinds[b] == StackSlot.SPILL || slot.kinds[b] >= StackSlot.DYNPTR) {
                        slot.kinds[b] = StackSlot.MISC;
                    }
                }
                slot.spilled.setNotInit();
            }
            if (zero && kind == StackSlot.ZERO) {
                zeroUsed = true;
            } else {
                slot.kinds[i] = StackSlot.MISC;
            }
        }
        if (zeroUsed && reg != null) {
            env.precision.mark(value);
        }
    }

    /**
     * Overwriting a dynptr makes it no dynptr, which one that holds a reference must not become.
     */
    void destroyDynptr(int frameno, int number) {
        Frame frame = env.state.frames[frameno];
        if (number >= frame.slots.size() || !frame.slots.get(number).is(StackSlot.DYNPTR)) {
            return;
        }
        int first = frame.slots.get(number).spilled.firstSlot ? number : number + 1;
        StackSlot head = frame.slots.get(first);
        if (head.spilled.refId != 0) {
            throw Env.refuse(RefusalKind.DYNPTR, "cannot overwrite referenced dynptr");
        }
        int id = head.spilled.id;
        for (int i = first; i >= first - 1; i--) {
            frame.slots.get(i).invalidate();
        }
        env.state.forEachReg(
                reg -> {
                    // read-only memory and slices stay what they are, as in the kernel
                    boolean plain =
                            reg.type == RegType.MEM
                                    && (reg.flags & ~Reg.NULL) == 0
                                    && reg.dynptr == Reg.DynptrKind.NONE;
                    if (plain && reg.mapUid == id && id != 0) {
                        Env.invalidate(reg);
                    }
                });
    }

    /**
     * Holds a helper's access to stack bytes to what is there.
     *
     * @param raw where the helper initializes the memory: what it writes is noted there
     */
    void checkInitialized(
            int regno, Reg reg, int off, int size, boolean write, boolean zeroAllowed, Raw raw) {
        if (size == 0 && !zeroAllowed) {
            throw Env.refuse(RefusalKind.ARGUMENT, "invalid zero-sized read");
        }
        checkBounds(regno, reg, off, size, write);
        int min;
        int max;
        Raw fresh = raw;
        if (reg.isConst()) {
            min = (int) reg.bits.value() + off;
            max = min;
        } else {
            fresh = null;
            min = (int) (reg.smin + off);
            max = (int) (reg.smax + off);
        }
        Frame frame = env.frameOf(reg);
        if (fresh != null) {
            for (int at = min; at < max + size; at++) {
                if (frame.slot(slotOf(at)).kinds[index(at)] == StackSlot.DYNPTR) {
                    throw Env.refuse(
                            RefusalKind.DYNPTR,
                            "potential write to dynptr at off=" + at + " disallowed");
                }
            }
            fresh.regno = regno;
            fresh.size = size;
            return;
        }
        for (int at = min; at < max + size; at++) {
            StackSlot slot = frame.slot(slotOf(at));
            int i = index(at);
            byte kind = slot.kinds[i];
            if (kind == StackSlot.ZERO || kind == StackSlot.INVALID) {
                if (write) {
                    slot.kinds[i] = StackSlot.MISC;
                }
            } else if (kind == StackSlot.SPILL || (slot.isSpill() && kind != StackSlot.MISC)) {
                if (write) {
                    slot.spilled.setUnknown();
                    for (int b = 0; b < 8; b++) {
                        slot.scrub(b);
                    }
                }
            } else if (kind != StackSlot.MISC) {
                throw Env.refuse(
                        RefusalKind.UNINITIALIZED_STACK,
                        reg.isConst()
                                ? "invalid read from stack R"
                                        + regno
                                        + " off "
                                        + min
                                        + "+"
                                        + (at - min)
                                        + " size "
                                        + size
                                : "invalid read from stack R"
                                        + regno
                                        + " var_off "
                                        + reg.bits
                                        + "+"
                                        + (at - min)
                                        + " size "
                                        + size);
            }
            env.stackLiveness.read(reg.frameno, slotOf(at));
        }
    }

    /** Memory that a helper initializes. */
    static final class Raw {
        int regno = -1;
        int size;
    }
}
