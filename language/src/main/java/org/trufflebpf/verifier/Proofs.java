package org.trufflebpf.verifier;

import org.trufflebpf.verifier.AccessProof.Region;

import java.util.Arrays;

/**
 * What a verdict gives to the nodes, by instruction: which memory accesses are in bounds, which
 * conditional jumps only ever go one way, which lookups are always in the same map, which divisors
 * are never zero. An instruction that no path reached has no proof.
 */
public final class Proofs {
    /** Nothing is proven. */
    public static final Proofs NONE = new Proofs(0);

    private static final byte NON_ZERO = 1;
    private static final byte MAYBE_ZERO = 2;

    private final AccessProof[] accesses;
    private final boolean[] unproven;
    private final byte[] branches;
    private final byte[] divisions;

    /** Index of a map plus one, 0 where no path came by, -1 where maps differ. */
    private final int[] maps;

    Proofs(int slots) {
        accesses = new AccessProof[slots];
        unproven = new boolean[slots];
        branches = new byte[slots];
        divisions = new byte[slots];
        maps = new int[slots];
    }

    /** The proof of an access, or {@code null} where it has to be checked when it runs. */
    public AccessProof access(int insn) {
        return insn < accesses.length && !unproven[insn] ? accesses[insn] : null;
    }

    /** Whether the instruction's access needs no check. */
    public boolean isProven(int insn) {
        return access(insn) != null;
    }

    /** 1 if a conditional jump is always taken, 0 if never, -1 if it may be either. */
    public int branch(int insn) {
        if (insn >= branches.length) {
            return -1;
        }
        return branches[insn] == 1 ? 1 : branches[insn] == 2 ? 0 : -1;
    }

    /** The index of the only map that a lookup is made in, or -1. */
    public int map(int insn) {
        return insn < maps.length && maps[insn] > 0 ? maps[insn] - 1 : -1;
    }

    /** Whether a division's divisor, in a register, is never zero. */
    public boolean dividesByNonZero(int insn) {
        return insn < divisions.length && divisions[insn] == NON_ZERO;
    }

    /** Number of accesses that are proven. */
    public int count() {
        int count = 0;
        for (int i = 0; i < accesses.length; i++) {
            count += isProven(i) ? 1 : 0;
        }
        return count;
    }

    void prove(int insn, Region region, int size) {
        AccessProof known = accesses[insn];
        if (known == null) {
            accesses[insn] = new AccessProof(region, size);
        } else if (known.region() != region) {
            accesses[insn] = new AccessProof(Region.SEVERAL, size);
        }
    }

    void leaveUnproven(int insn) {
        unproven[insn] = true;
    }

    void goes(int insn, boolean taken) {
        branches[insn] |= (byte) (taken ? 1 : 2);
    }

    /** A lookup in a map, index -1 for one that is not the object's. */
    void looksUp(int insn, int map) {
        maps[insn] = map >= 0 && (maps[insn] == 0 || maps[insn] == map + 1) ? map + 1 : -1;
    }

    void divides(int insn, boolean nonZero) {
        divisions[insn] |= nonZero ? NON_ZERO : MAYBE_ZERO;
    }

    @Override
    public String toString() {
        return "proofs " + Arrays.toString(accesses);
    }
}
