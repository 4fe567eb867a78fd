package org.trufflebpf.verifier;

/**
 * Something that a path holds and has to give back.
 *
 * @param kind what
 * @param id the id of the registers that stand for it
 * @param insn where it was acquired
 * @param object of a lock: what it protects
 */
record Ref(Kind kind, int id, int insn, Object object) {
    enum Kind {
        POINTER,
        LOCK,
        RES_LOCK,
        RES_LOCK_IRQ,
        IRQ
    }

    boolean isLock() {
        return kind == Kind.LOCK || kind == Kind.RES_LOCK || kind == Kind.RES_LOCK_IRQ;
    }
}
