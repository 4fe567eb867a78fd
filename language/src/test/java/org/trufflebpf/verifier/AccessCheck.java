package org.trufflebpf.verifier;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.map.ArrayMap;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.nodes.InsnListener;
import org.trufflebpf.nodes.ProgramCode;
import org.trufflebpf.runtime.Instance;

import java.util.function.Supplier;

/**
 * Holds accesses to what was proven of them, more closely than a checked run does: on the stack to
 * the frame's 512 bytes, in the values of an array map to one element. Throws where one leaves it.
 */
final class AccessCheck implements InsnListener {
    private static final int STACK = 512;
    private static final int FP = 10;

    private final Proofs proofs;
    private final boolean oneFrame;
    private final Supplier<Instance> instance;

    /**
     * @param oneFrame whether the program has no functions but its own
     */
    AccessCheck(Proofs proofs, boolean oneFrame, Supplier<Instance> instance) {
        this.proofs = proofs;
        this.oneFrame = oneFrame;
        this.instance = instance;
    }

    @Override
    public void executed(
            ProgramCode code, Insn insn, long[] before, long[] after, Boolean outcome) {
        AccessProof proof = proofs.access(insn.index());
        int base =
                switch (insn.opcode().kind()) {
                    case LDX, LDSX, LOAD_ACQUIRE -> insn.src();
                    case ST, STX, STORE_RELEASE, ATOMIC -> insn.dst();
                    default -> -1;
                };
        if (proof == null || base < 0) {
            return;
        }
        long address = before[base] + insn.off();
        int size = insn.opcode().bits() / 8;
        boolean inside =
                switch (proof.region()) {
                    case STACK ->
                            !oneFrame
                                    || (address >= before[FP] - STACK
                                            && address + size <= before[FP]);
                    case MAP_VALUE -> inElement(address, size);
                    default -> true;
                };
        boolean accessible = instance.get().memory().isAccessible(address, size, isStore(insn));
        if (!inside || !accessible) {
            throw new AssertionError(
                    "insn "
                            + insn.index()
                            + ": "
                            + insn
                            + ": the access to "
                            + proof
                            + " is at "
                            + (address - before[FP])
                            + " from the frame, "
                            + instance.get().memory().fault(address, size, false).getMessage());
        }
    }

    private static boolean isStore(Insn insn) {
        return switch (insn.opcode().kind()) {
            case ST, STX, STORE_RELEASE, ATOMIC -> true;
            default -> false;
        };
    }

    private boolean inElement(long address, int size) {
        for (BpfMap map : instance.get().maps()) {
            if (map instanceof ArrayMap array) {
                long stride = (array.valueSize() + 7L) & ~7L;
                long offset = address - array.valuesStart();
                if (offset >= 0 && offset < stride * array.maxEntries()) {
                    return offset % stride + size <= array.valueSize();
                }
            }
        }
        return true;
    }
}
