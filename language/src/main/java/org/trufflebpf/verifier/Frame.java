package org.trufflebpf.verifier;

import java.util.ArrayList;
import java.util.List;

/** A function that is being walked: its registers and its stack (kernel: bpf_func_state). */
final class Frame {
    static final int FP = 10;

    /** In place of a call site: the function is entered from outside. */
    static final int ENTRY = -1;

    final Reg[] regs = new Reg[11];
    final List<StackSlot> slots = new ArrayList<>();
    int callSite = ENTRY;
    final int frameno;
    final int subprog;
    int asyncEntries;
    int callbackDepth;
    boolean inCallback;
    boolean inAsyncCallback;
    boolean inExceptionCallback;

    /** The callback of an insertion into a tree. */
    boolean comparesNodes;

    /** Allowed return values of a callback. */
    long retMin;

    long retMax;

    Frame(int callSite, int frameno, int subprog) {
        this.callSite = callSite;
        this.frameno = frameno;
        this.subprog = subprog;
        for (int i = 0; i < regs.length; i++) {
            regs[i] = new Reg();
            regs[i].setNotInit();
        }
        regs[FP].setPointer(RegType.STACK, 0);
        regs[FP].frameno = frameno;
    }

    Frame(Frame from) {
        this.callSite = from.callSite;
        this.frameno = from.frameno;
        this.subprog = from.subprog;
        for (int i = 0; i < regs.length; i++) {
            regs[i] = new Reg(from.regs[i]);
        }
        for (StackSlot slot : from.slots) {
            slots.add(new StackSlot(slot));
        }
        asyncEntries = from.asyncEntries;
        callbackDepth = from.callbackDepth;
        inCallback = from.inCallback;
        inAsyncCallback = from.inAsyncCallback;
        inExceptionCallback = from.inExceptionCallback;
        comparesNodes = from.comparesNodes;
        retMin = from.retMin;
        retMax = from.retMax;
    }

    /** The slot of a byte offset below the frame pointer, made if it is not there yet. */
    StackSlot slotAt(int off) {
        return slot((-off - 1) / 8);
    }

    StackSlot slot(int index) {
        while (slots.size() <= index) {
            slots.add(new StackSlot());
        }
        return slots.get(index);
    }

    void grow(int bytes) {
        if (bytes > 0) {
            slot((bytes - 1) / 8);
        }
    }

    int allocated() {
        return slots.size() * 8;
    }
}
