package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Alu;

/**
 * A division or remainder by a register that is never zero, as the verifier proved: without the
 * test and the second way of those in {@link AluNode}.
 */
final class ProvenDivisionNode extends AluNode {
    private final Alu operation;

    ProvenDivisionNode(Insn insn) {
        super(insn);
        this.operation = (Alu) insn.opcode().operation();
    }

    @Override
    void execute(VirtualFrame frame) {
        long a = left(frame);
        long b = right(frame);
        put(frame, wide ? wide(a, b) : narrow((int) a, (int) b));
    }

    private long wide(long a, long b) {
        return switch (operation) {
            case DIV -> Long.divideUnsigned(a, b);
            case MOD -> Long.remainderUnsigned(a, b);
            case SDIV -> a / b;
            default -> a % b;
        };
    }

    private int narrow(int a, int b) {
        return switch (operation) {
            case DIV -> Integer.divideUnsigned(a, b);
            case MOD -> Integer.remainderUnsigned(a, b);
            case SDIV -> a / b;
            default -> a % b;
        };
    }
}
