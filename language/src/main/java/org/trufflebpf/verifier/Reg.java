package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;

/**
 * A register, or a register spilled to the stack (kernel: {@code struct bpf_reg_state}). The range
 * is that of the number, or of the variable part of a pointer's offset; the fixed part is {@code
 * off}.
 */
final class Reg extends Scalar {
    /** May be NULL. */
    static final int NULL = 1;

    static final int RDONLY = 1 << 1;
    static final int RINGBUF = 1 << 2;
    static final int USER = 1 << 3;
    static final int PERCPU = 1 << 4;
    static final int UNTRUSTED = 1 << 5;
    static final int TRUSTED = 1 << 6;
    static final int RCU = 1 << 7;
    static final int ALLOC = 1 << 8;
    static final int NON_OWN = 1 << 9;
    static final int UNINIT = 1 << 10;

    /** Flags that make a pointer a trusted one, if it has no others. */
    static final int TRUST = TRUSTED | ALLOC | NON_OWN;

    /** In {@code id} of a scalar: it is {@code off} more than the others of that id. */
    static final int ADD_CONST64 = 1 << 31;

    /** As {@link #ADD_CONST64}, of numbers of 32 bits, where the sum wraps. */
    static final int ADD_CONST32 = 1 << 30;

    static final int ADD_CONST = ADD_CONST64 | ADD_CONST32;

    /** In place of {@link #range}: known to be at, or beyond, the end of the packet. */
    static final int AT_END = -1;

    static final int BEYOND_END = -2;

    RegType type = RegType.NOT_INIT;
    int flags;
    int off;
    int id;
    int refId;

    /** Of packet pointers: bytes from offset 0 that are known to be there. */
    int range;

    MapFacts map;

    /** Tells inner maps with timers or locks apart. */
    int mapUid;

    /** Bytes of {@link RegType#MEM}. */
    int memSize;

    Btf btf;
    int btfId;

    /** The frame that a stack pointer points into. */
    int frameno;

    /** Function index of {@link RegType#FUNC}. */
    int subprog;

    /** The program relied on the exact range of this scalar. */
    boolean precise;

    /** Of a dynptr: its kind, and whether this is its first slot. */
    DynptrKind dynptr = DynptrKind.NONE;

    boolean firstSlot;

    /** Of an iterator on the stack. */
    String iter;

    boolean iterDrained;
    int iterDepth;

    /** Of saved interrupt flags on the stack: whether a lock saved them. */
    boolean irqByLock;

    /** What memory a dynptr stands for. */
    enum DynptrKind {
        NONE,
        LOCAL,
        RINGBUF,
        SKB,
        XDP,
        SKB_META
    }

    Reg() {}

    Reg(Reg from) {
        set(from);
    }

    void set(Reg from) {
        copyRange(from);
        type = from.type;
        flags = from.flags;
        off = from.off;
        id = from.id;
        refId = from.refId;
        range = from.range;
        map = from.map;
        mapUid = from.mapUid;
        memSize = from.memSize;
        btf = from.btf;
        btfId = from.btfId;
        frameno = from.frameno;
        subprog = from.subprog;
        precise = from.precise;
        dynptr = from.dynptr;
        firstSlot = from.firstSlot;
        iter = from.iter;
        iterDrained = from.iterDrained;
        iterDepth = from.iterDepth;
        irqByLock = from.irqByLock;
    }

    private void clear() {
        type = RegType.NOT_INIT;
        flags = 0;
        off = 0;
        id = 0;
        refId = 0;
        range = 0;
        map = null;
        mapUid = 0;
        memSize = 0;
        btf = null;
        btfId = 0;
        frameno = 0;
        subprog = 0;
        precise = false;
        dynptr = DynptrKind.NONE;
        firstSlot = false;
        iter = null;
        iterDrained = false;
        iterDepth = 0;
        irqByLock = false;
    }

    void setNotInit() {
        clear();
        setUnknownRange();
    }

    void setUnknown() {
        clear();
        type = RegType.SCALAR;
        setUnknownRange();
    }

    void setKnown(long value) {
        clear();
        type = RegType.SCALAR;
        setConst(value);
    }

    /** A pointer with offset 0. */
    void setPointer(RegType newType, int newFlags) {
        clear();
        type = newType;
        flags = newFlags;
        setConst(0);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean isScalar() {
        return type == RegType.SCALAR;
    }

    boolean isPointer() {
        return type != RegType.SCALAR && type != RegType.NOT_INIT;
    }

    boolean isNull() {
        return type == RegType.SCALAR && isZero();
    }

    /** Kernel: {@code is_trusted_reg}. */
    boolean isTrusted() {
        if (refId != 0) {
            return true;
        }
        if ((flags & ~TRUST) != 0) {
            return false;
        }
        return flags != 0 || type.isSocket() || type == RegType.MAP_PTR;
    }

    /** Everything but range, id and precision is the same. */
    boolean sameShape(Reg other) {
        return type == other.type
                && flags == other.flags
                && off == other.off
                && range == other.range
                && map == other.map
                && mapUid == other.mapUid
                && memSize == other.memSize
                && btf == other.btf
                && btfId == other.btfId
                && frameno == other.frameno
                && subprog == other.subprog
                && dynptr == other.dynptr
                && firstSlot == other.firstSlot;
    }
}
