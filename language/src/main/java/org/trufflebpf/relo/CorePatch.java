package org.trufflebpf.relo;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;

/**
 * Writes the value of a relocation into an instruction: an immediate of ALU and lddw, the offset of
 * a load or store, with its access size where the field's size changed. The instruction must hold
 * what the compiler put there.
 */
final class CorePatch {
    private static final int CLASS_LD = 0;
    private static final int CLASS_LDX = 1;
    private static final int CLASS_ST = 2;
    private static final int CLASS_STX = 3;
    private static final int CLASS_ALU = 4;
    private static final int CLASS_ALU64 = 7;
    private static final int SIZE_MASK = 0x18;

    /** The instruction or the record is not what libbpf can relocate. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, null, false, false);
        }
    }

    private CorePatch() {}

    /**
     * The patched instruction, or {@code null} if it accesses the field with a size that is wrong
     * in the target.
     */
    static Insn apply(Insn insn, CoreResult result) throws Refused {
        return switch (insn.opcode().code() & 7) {
            case CLASS_ALU, CLASS_ALU64 -> immediate(insn, result);
            case CLASS_LDX, CLASS_ST, CLASS_STX -> access(insn, result);
            case CLASS_LD -> lddw(insn, result);
            default -> throw new Refused("trying to relocate unrecognized insn " + insn);
        };
    }

    private static Insn immediate(Insn insn, CoreResult result) throws Refused {
        if (insn.opcode().operand() != Opcode.Operand.IMM) {
            throw new Refused("trying to relocate insn without an immediate: " + insn);
        }
        check("ALU/ALU64", insn.imm(), result);
        return insn.withImm((int) result.target(), 0);
    }

    private static Insn lddw(Insn insn, CoreResult result) throws Refused {
        if (insn.opcode().kind() != Opcode.Kind.LDDW || insn.src() != 0) {
            throw new Refused("LDIMM64 has unexpected form: " + insn);
        }
        check("LDIMM64", insn.imm64(), result);
        return insn.withImm((int) result.target(), (int) (result.target() >> 32));
    }

    private static Insn access(Insn insn, CoreResult result) throws Refused {
        check("LDX/ST/STX", insn.off(), result);
        if (Long.compareUnsigned(result.target(), Short.MAX_VALUE) > 0) {
            throw new Refused(
                    "(LDX/ST/STX) value too big: " + Long.toUnsignedString(result.target()));
        }
        if (result.sizeMismatch()) {
            return null;
        }
        Opcode opcode = insn.opcode();
        if (result.localSize() != result.targetSize()) {
            if (opcode.bits() != 8 * result.localSize()) {
                throw new Refused(
                        "(LDX/ST/STX) unexpected mem size: got "
                                + opcode.bits() / 8
                                + ", exp "
                                + result.localSize());
            }
            opcode = resized(insn, result.targetSize());
        }
        return new Insn(
                insn.index(),
                opcode,
                insn.dst(),
                insn.src(),
                (int) result.target(),
                insn.imm(),
                insn.nextImm());
    }

    private static Opcode resized(Insn insn, int size) throws Refused {
        int bits =
                switch (size) {
                    case 1 -> 0x10;
                    case 2 -> 0x08;
                    case 4 -> 0x00;
                    case 8 -> 0x18;
                    default -> throw new Refused("(LDX/ST/STX) invalid new mem size: " + size);
                };
        Opcode opcode =
                Opcode.find(
                        (insn.opcode().code() & ~SIZE_MASK) | bits,
                        insn.src(),
                        insn.off(),
                        insn.imm());
        if (opcode == null) {
            throw new Refused("(LDX/ST/STX) invalid new mem size: " + size + " for " + insn);
        }
        return opcode;
    }

    private static void check(String what, long got, CoreResult result) throws Refused {
        if (result.validate() && got != result.local()) {
            throw new Refused(
                    "unexpected insn ("
                            + what
                            + ") value: got "
                            + got
                            + ", exp "
                            + Long.toUnsignedString(result.local())
                            + " -> "
                            + Long.toUnsignedString(result.target()));
        }
    }
}
