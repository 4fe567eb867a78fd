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
        IRQ
    }
}
