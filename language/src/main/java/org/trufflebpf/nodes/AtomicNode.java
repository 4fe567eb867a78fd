package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.memory.Memory;

/**
 * Atomic read-modify-write (RFC 9669 section 5.3), on memory that all threads and languages share.
 * The address has to be aligned, as the kernel's verifier demands. The old value goes to the source
 * register in the fetching forms, to r0 in {@code cmpxchg}, zero-extended from 32 bits.
 */
final class AtomicNode extends MemoryNode {
    private final Atomic operation;
    private final int src;

    AtomicNode(ProgramCode code, Insn insn) {
        super(code, insn, insn.dst(), true);
        this.operation = (Atomic) insn.opcode().operation();
        this.src = insn.src();
    }

    @Override
    void execute(VirtualFrame frame) {
        long address = pointer(frame) + offset;
        if ((address & (bits / 8 - 1)) != 0) {
            CompilerDirectives.transferToInterpreter();
            throw located(
                    code, BpfException.trap("misaligned atomic access to " + bits / 8 + " bytes"));
        }
        Memory memory = code.memory(frame);
        long operand = Registers.get(frame, src);
        long old =
                bits == 64
                        ? apply64(memory, address, operand, Registers.get(frame, Registers.R0))
                        : apply32(
                                        memory,
                                        address,
                                        (int) operand,
                                        (int) Registers.get(frame, Registers.R0))
                                & 0xffff_ffffL;
        switch (operation) {
            case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG -> Registers.set(frame, src, old);
            case CMPXCHG -> Registers.set(frame, Registers.R0, old);
            default -> {}
        }
    }

    private long apply64(Memory memory, long address, long operand, long expected) {
        switch (operation) {
            case ADD, FETCH_ADD:
                return memory.getAndAddLong(address, operand);
            case XCHG:
                return memory.getAndSetLong(address, operand);
            default:
                while (true) {
                    long old = memory.getLongVolatile(address);
                    if (operation == Atomic.CMPXCHG && old != expected) {
                        return old;
                    }
                    if (memory.compareAndSetLong(address, old, combine(old, operand))) {
                        return old;
                    }
                }
        }
    }

    private int apply32(Memory memory, long address, int operand, int expected) {
        switch (operation) {
            case ADD, FETCH_ADD:
                return memory.getAndAddInt(address, operand);
            case XCHG:
                return memory.getAndSetInt(address, operand);
            default:
                while (true) {
                    int old = memory.getIntVolatile(address);
                    if (operation == Atomic.CMPXCHG && old != expected) {
                        return old;
                    }
                    if (memory.compareAndSetInt(address, old, (int) combine(old, operand))) {
                        return old;
                    }
                }
        }
    }

    private long combine(long old, long operand) {
        return switch (operation) {
            case OR, FETCH_OR -> old | operand;
            case AND, FETCH_AND -> old & operand;
            case XOR, FETCH_XOR -> old ^ operand;
            default -> operand;
        };
    }
}
