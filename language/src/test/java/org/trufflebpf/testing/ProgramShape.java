package org.trufflebpf.testing;

import static org.trufflebpf.insn.Asm.R0;
import static org.trufflebpf.insn.Asm.R1;
import static org.trufflebpf.insn.Asm.R2;
import static org.trufflebpf.insn.Asm.R3;
import static org.trufflebpf.insn.Asm.R6;

import org.trufflebpf.insn.Asm;
import org.trufflebpf.insn.Opcode;

/** Programs of any size that compute r0 from the eight bytes of memory that r1 points to. */
public enum ProgramShape {
    /** No branch. */
    STRAIGHT {
        @Override
        void emit(Asm asm, int insns) {
            for (int i = 0; i < insns - 3; i++) {
                switch (i % 5) {
                    case 0 -> asm.add64(R0, i);
                    case 1 -> asm.mul64(R0, R2);
                    case 2 -> asm.xor32(R2, i);
                    case 3 -> asm.lsh64(R2, R0);
                    default -> asm.add64(R2, R0);
                }
            }
        }
    },

    /** A condition in each fourth instruction, half of them taken; no path is left out. */
    BRANCHY {
        @Override
        void emit(Asm asm, int insns) {
            for (int i = 0; i < (insns - 3) / 4; i++) {
                String label = "L" + i;
                asm.jset(R2, 1 << i % 31, label).add64(R0, i).mul64(R2, 31);
                asm.label(label).xor64(R2, R0);
            }
        }
    },

    /** Loops of three turns in a row, and a loop of two turns around each 100 of them. */
    LOOPS {
        @Override
        void emit(Asm asm, int insns) {
            for (int i = 0; i < (insns - 3) / 6; i++) {
                if (i % 100 == 0) {
                    asm.mov64(R6, 0).label("outer" + i / 100);
                }
                String label = "L" + i;
                asm.mov64(R3, 0).label(label).add64(R0, i).mul64(R2, 31).xor64(R2, R0);
                asm.add64(R3, 1).jlt(R3, 3, label);
                if (i % 100 == 99) {
                    asm.add64(R6, 1).jlt(R6, 2, "outer" + i / 100);
                }
            }
        }
    },

    /**
     * States that lead to other states by what they compute, some of them far away, all in one
     * loop: no cut leaves loops whole.
     */
    MACHINE {
        @Override
        void emit(Asm asm, int insns) {
            asm.mov64(R6, 0).label("again");
            int states = (insns - 8) / 9;
            for (int i = 0; i < states; i++) {
                asm.label("S" + i).add64(R6, 1).jle(R6, states, "T" + i);
                asm.to("end", Opcode.JA32, 0, 0, 0).label("T" + i);
                asm.mul64(R2, 31).add64(R2, R6).xor64(R0, R2);
                asm.jset(R2, 64, "S" + Math.min(states - 1, i + 1 + i * 7 % 500));
                asm.jset(R2, 1024, "S" + Math.max(0, i - i * 5 % 700));
                asm.rsh64(R2, 1);
            }
            asm.to("again", Opcode.JA32, 0, 0, 0).label("end");
        }
    };

    abstract void emit(Asm asm, int insns);

    /** The program with about {@code insns} instructions. */
    public byte[] program(int insns) {
        Asm asm = Asm.program().mov64(R0, 1).ldx(64, R2, R1, 0);
        emit(asm, insns);
        return asm.exit().bytes();
    }
}
