package org.trufflebpf.insn;

import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Jump;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.insn.Opcode.Operation;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes programs in tests: one call for each instruction, labels for jump targets.
 *
 * <pre>{@code
 * Asm.program().mov64(R0, 1).jeq(R1, 5, "out").add64(R0, R1).label("out").exit().insns()
 * }</pre>
 *
 * The methods are named after the rows of {@link Opcode}; {@link #op} reaches every row, with any
 * field values.
 */
public final class Asm {

    /** A register, apart from immediates by its type. */
    public enum Reg {
        R0(0),
        R1(1),
        R2(2),
        R3(3),
        R4(4),
        R5(5),
        R6(6),
        R7(7),
        R8(8),
        R9(9),
        R10(10);

        private final int number;

        Reg(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }
    }

    public static final Reg R0 = Reg.R0;
    public static final Reg R1 = Reg.R1;
    public static final Reg R2 = Reg.R2;
    public static final Reg R3 = Reg.R3;
    public static final Reg R4 = Reg.R4;
    public static final Reg R5 = Reg.R5;
    public static final Reg R6 = Reg.R6;
    public static final Reg R7 = Reg.R7;
    public static final Reg R8 = Reg.R8;
    public static final Reg R9 = Reg.R9;
    public static final Reg R10 = Reg.R10;

    private final List<Insn> insns = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private final Map<Integer, String> uses = new HashMap<>();
    private int slot;

    private Asm() {}

    public static Asm program() {
        return new Asm();
    }

    // region any instruction

    /** Any instruction; the field that selects the row is filled in. */
    public Asm op(Opcode opcode, int dst, int src, int off, int imm) {
        return insn(Insn.of(opcode, dst, src, off, imm));
    }

    public Asm op(Opcode opcode, Reg dst, Reg src, int off, int imm) {
        return op(opcode, dst.number(), src.number(), off, imm);
    }

    /** A ready instruction, as it is but for its index. */
    public Asm insn(Insn insn) {
        insns.add(insn.at(slot));
        slot += insn.slots();
        return this;
    }

    /** Any jump, call of a subprogram or lddw of a function's address, whose target is a label. */
    public Asm to(String label, Opcode opcode, int dst, int src, int imm) {
        uses.put(insns.size(), label);
        return op(opcode, dst, src, 0, imm);
    }

    /** The next instruction's name. */
    public Asm label(String name) {
        if (labels.put(name, slot) != null) {
            throw new IllegalArgumentException("label " + name + " stands twice");
        }
        return this;
    }

    /** Number of slots so far. */
    public int slots() {
        return slot;
    }

    public List<Insn> insns() {
        List<Insn> out = new ArrayList<>(insns);
        uses.forEach((position, label) -> out.set(position, resolve(insns.get(position), label)));
        return List.copyOf(out);
    }

    public byte[] bytes() {
        return bytes(ByteOrder.LITTLE_ENDIAN);
    }

    public byte[] bytes(ByteOrder order) {
        return InsnEncoder.encode(insns(), order);
    }

    private Insn resolve(Insn insn, String label) {
        Integer target = labels.get(label);
        if (target == null) {
            throw new IllegalArgumentException("label " + label + " is missing");
        }
        int distance = target - insn.index() - 1;
        return switch (insn.opcode().kind()) {
            case JA32, CALL_SUBPROG, LDDW -> insn.withImm(distance, 0);
            default ->
                    new Insn(
                            insn.index(),
                            insn.opcode(),
                            insn.dst(),
                            insn.src(),
                            distance,
                            insn.imm(),
                            0);
        };
    }

    private static Opcode row(Kind kind, Operation operation, int bits, Operand operand) {
        for (Opcode row : Opcode.values()) {
            boolean same = row.kind() == kind && row.operation() == operation && row.bits() == bits;
            if (same && (operand == null || row.operand() == operand)) {
                return row;
            }
        }
        throw new IllegalArgumentException(
                "no row " + kind + " " + operation + " " + bits + " " + operand);
    }

    // endregion

    // region arithmetic

    public Asm alu(Alu operation, int bits, Reg dst, Reg src) {
        return op(row(Kind.ALU, operation, bits, Operand.REG), dst.number(), src.number(), 0, 0);
    }

    public Asm alu(Alu operation, int bits, Reg dst, int imm) {
        return op(row(Kind.ALU, operation, bits, Operand.IMM), dst.number(), 0, 0, imm);
    }

    private Asm unary(Alu operation, int bits, Reg dst) {
        return op(row(Kind.ALU, operation, bits, Operand.NONE), dst.number(), 0, 0, 0);
    }

    public Asm neg64(Reg dst) {
        return unary(Alu.NEG, 64, dst);
    }

    public Asm neg32(Reg dst) {
        return unary(Alu.NEG, 32, dst);
    }

    public Asm le(Reg dst, int bits) {
        return unary(Alu.LE, bits, dst);
    }

    public Asm be(Reg dst, int bits) {
        return unary(Alu.BE, bits, dst);
    }

    public Asm bswap(Reg dst, int bits) {
        return unary(Alu.BSWAP, bits, dst);
    }

    public Asm movsx64(Reg dst, Reg src, int bits) {
        return alu(bits == 8 ? Alu.MOVSX8 : bits == 16 ? Alu.MOVSX16 : Alu.MOVSX32, 64, dst, src);
    }

    public Asm movsx32(Reg dst, Reg src, int bits) {
        return alu(bits == 8 ? Alu.MOVSX8 : Alu.MOVSX16, 32, dst, src);
    }

    public Asm addrSpaceCast(Reg dst, Reg src, int imm) {
        return op(Opcode.ADDR_SPACE_CAST, dst, src, 0, imm);
    }

    public Asm add64(Reg dst, Reg src) {
        return alu(Alu.ADD, 64, dst, src);
    }

    public Asm add64(Reg dst, int imm) {
        return alu(Alu.ADD, 64, dst, imm);
    }

    public Asm sub64(Reg dst, Reg src) {
        return alu(Alu.SUB, 64, dst, src);
    }

    public Asm sub64(Reg dst, int imm) {
        return alu(Alu.SUB, 64, dst, imm);
    }

    public Asm mul64(Reg dst, Reg src) {
        return alu(Alu.MUL, 64, dst, src);
    }

    public Asm mul64(Reg dst, int imm) {
        return alu(Alu.MUL, 64, dst, imm);
    }

    public Asm div64(Reg dst, Reg src) {
        return alu(Alu.DIV, 64, dst, src);
    }

    public Asm div64(Reg dst, int imm) {
        return alu(Alu.DIV, 64, dst, imm);
    }

    public Asm sdiv64(Reg dst, Reg src) {
        return alu(Alu.SDIV, 64, dst, src);
    }

    public Asm sdiv64(Reg dst, int imm) {
        return alu(Alu.SDIV, 64, dst, imm);
    }

    public Asm or64(Reg dst, Reg src) {
        return alu(Alu.OR, 64, dst, src);
    }

    public Asm or64(Reg dst, int imm) {
        return alu(Alu.OR, 64, dst, imm);
    }

    public Asm and64(Reg dst, Reg src) {
        return alu(Alu.AND, 64, dst, src);
    }

    public Asm and64(Reg dst, int imm) {
        return alu(Alu.AND, 64, dst, imm);
    }

    public Asm lsh64(Reg dst, Reg src) {
        return alu(Alu.LSH, 64, dst, src);
    }

    public Asm lsh64(Reg dst, int imm) {
        return alu(Alu.LSH, 64, dst, imm);
    }

    public Asm rsh64(Reg dst, Reg src) {
        return alu(Alu.RSH, 64, dst, src);
    }

    public Asm rsh64(Reg dst, int imm) {
        return alu(Alu.RSH, 64, dst, imm);
    }

    public Asm mod64(Reg dst, Reg src) {
        return alu(Alu.MOD, 64, dst, src);
    }

    public Asm mod64(Reg dst, int imm) {
        return alu(Alu.MOD, 64, dst, imm);
    }

    public Asm smod64(Reg dst, Reg src) {
        return alu(Alu.SMOD, 64, dst, src);
    }

    public Asm smod64(Reg dst, int imm) {
        return alu(Alu.SMOD, 64, dst, imm);
    }

    public Asm xor64(Reg dst, Reg src) {
        return alu(Alu.XOR, 64, dst, src);
    }

    public Asm xor64(Reg dst, int imm) {
        return alu(Alu.XOR, 64, dst, imm);
    }

    public Asm mov64(Reg dst, Reg src) {
        return alu(Alu.MOV, 64, dst, src);
    }

    public Asm mov64(Reg dst, int imm) {
        return alu(Alu.MOV, 64, dst, imm);
    }

    public Asm arsh64(Reg dst, Reg src) {
        return alu(Alu.ARSH, 64, dst, src);
    }

    public Asm arsh64(Reg dst, int imm) {
        return alu(Alu.ARSH, 64, dst, imm);
    }

    public Asm add32(Reg dst, Reg src) {
        return alu(Alu.ADD, 32, dst, src);
    }

    public Asm add32(Reg dst, int imm) {
        return alu(Alu.ADD, 32, dst, imm);
    }

    public Asm sub32(Reg dst, Reg src) {
        return alu(Alu.SUB, 32, dst, src);
    }

    public Asm sub32(Reg dst, int imm) {
        return alu(Alu.SUB, 32, dst, imm);
    }

    public Asm mul32(Reg dst, Reg src) {
        return alu(Alu.MUL, 32, dst, src);
    }

    public Asm mul32(Reg dst, int imm) {
        return alu(Alu.MUL, 32, dst, imm);
    }

    public Asm div32(Reg dst, Reg src) {
        return alu(Alu.DIV, 32, dst, src);
    }

    public Asm div32(Reg dst, int imm) {
        return alu(Alu.DIV, 32, dst, imm);
    }

    public Asm sdiv32(Reg dst, Reg src) {
        return alu(Alu.SDIV, 32, dst, src);
    }

    public Asm sdiv32(Reg dst, int imm) {
        return alu(Alu.SDIV, 32, dst, imm);
    }

    public Asm or32(Reg dst, Reg src) {
        return alu(Alu.OR, 32, dst, src);
    }

    public Asm or32(Reg dst, int imm) {
        return alu(Alu.OR, 32, dst, imm);
    }

    public Asm and32(Reg dst, Reg src) {
        return alu(Alu.AND, 32, dst, src);
    }

    public Asm and32(Reg dst, int imm) {
        return alu(Alu.AND, 32, dst, imm);
    }

    public Asm lsh32(Reg dst, Reg src) {
        return alu(Alu.LSH, 32, dst, src);
    }

    public Asm lsh32(Reg dst, int imm) {
        return alu(Alu.LSH, 32, dst, imm);
    }

    public Asm rsh32(Reg dst, Reg src) {
        return alu(Alu.RSH, 32, dst, src);
    }

    public Asm rsh32(Reg dst, int imm) {
        return alu(Alu.RSH, 32, dst, imm);
    }

    public Asm mod32(Reg dst, Reg src) {
        return alu(Alu.MOD, 32, dst, src);
    }

    public Asm mod32(Reg dst, int imm) {
        return alu(Alu.MOD, 32, dst, imm);
    }

    public Asm smod32(Reg dst, Reg src) {
        return alu(Alu.SMOD, 32, dst, src);
    }

    public Asm smod32(Reg dst, int imm) {
        return alu(Alu.SMOD, 32, dst, imm);
    }

    public Asm xor32(Reg dst, Reg src) {
        return alu(Alu.XOR, 32, dst, src);
    }

    public Asm xor32(Reg dst, int imm) {
        return alu(Alu.XOR, 32, dst, imm);
    }

    public Asm mov32(Reg dst, Reg src) {
        return alu(Alu.MOV, 32, dst, src);
    }

    public Asm mov32(Reg dst, int imm) {
        return alu(Alu.MOV, 32, dst, imm);
    }

    public Asm arsh32(Reg dst, Reg src) {
        return alu(Alu.ARSH, 32, dst, src);
    }

    public Asm arsh32(Reg dst, int imm) {
        return alu(Alu.ARSH, 32, dst, imm);
    }

    // endregion

    // region jumps and calls

    public Asm jump(Jump condition, int bits, Reg dst, Reg src, String label) {
        return to(
                label, row(Kind.JCC, condition, bits, Operand.REG), dst.number(), src.number(), 0);
    }

    public Asm jump(Jump condition, int bits, Reg dst, int imm, String label) {
        return to(label, row(Kind.JCC, condition, bits, Operand.IMM), dst.number(), 0, imm);
    }

    public Asm ja(String label) {
        return to(label, Opcode.JA, 0, 0, 0);
    }

    public Asm gotol(String label) {
        return to(label, Opcode.JA32, 0, 0, 0);
    }

    public Asm mayGoto(String label) {
        return to(label, Opcode.MAY_GOTO, 0, 0, 0);
    }

    /** Calls a helper by its number. */
    public Asm call(int helper) {
        return op(Opcode.CALL_HELPER, 0, 0, 0, helper);
    }

    public Asm callSubprog(String label) {
        return to(label, Opcode.CALL_SUBPROG, 0, 1, 0);
    }

    public Asm callKfunc(int off, int btfId) {
        return op(Opcode.CALL_KFUNC, 0, 2, off, btfId);
    }

    public Asm callx(Reg register) {
        return op(Opcode.CALLX, register.number(), 0, 0, 0);
    }

    public Asm exit() {
        return op(Opcode.EXIT, 0, 0, 0, 0);
    }

    public Asm jeq(Reg dst, Reg src, String label) {
        return jump(Jump.JEQ, 64, dst, src, label);
    }

    public Asm jeq(Reg dst, int imm, String label) {
        return jump(Jump.JEQ, 64, dst, imm, label);
    }

    public Asm jgt(Reg dst, Reg src, String label) {
        return jump(Jump.JGT, 64, dst, src, label);
    }

    public Asm jgt(Reg dst, int imm, String label) {
        return jump(Jump.JGT, 64, dst, imm, label);
    }

    public Asm jge(Reg dst, Reg src, String label) {
        return jump(Jump.JGE, 64, dst, src, label);
    }

    public Asm jge(Reg dst, int imm, String label) {
        return jump(Jump.JGE, 64, dst, imm, label);
    }

    public Asm jset(Reg dst, Reg src, String label) {
        return jump(Jump.JSET, 64, dst, src, label);
    }

    public Asm jset(Reg dst, int imm, String label) {
        return jump(Jump.JSET, 64, dst, imm, label);
    }

    public Asm jne(Reg dst, Reg src, String label) {
        return jump(Jump.JNE, 64, dst, src, label);
    }

    public Asm jne(Reg dst, int imm, String label) {
        return jump(Jump.JNE, 64, dst, imm, label);
    }

    public Asm jsgt(Reg dst, Reg src, String label) {
        return jump(Jump.JSGT, 64, dst, src, label);
    }

    public Asm jsgt(Reg dst, int imm, String label) {
        return jump(Jump.JSGT, 64, dst, imm, label);
    }

    public Asm jsge(Reg dst, Reg src, String label) {
        return jump(Jump.JSGE, 64, dst, src, label);
    }

    public Asm jsge(Reg dst, int imm, String label) {
        return jump(Jump.JSGE, 64, dst, imm, label);
    }

    public Asm jlt(Reg dst, Reg src, String label) {
        return jump(Jump.JLT, 64, dst, src, label);
    }

    public Asm jlt(Reg dst, int imm, String label) {
        return jump(Jump.JLT, 64, dst, imm, label);
    }

    public Asm jle(Reg dst, Reg src, String label) {
        return jump(Jump.JLE, 64, dst, src, label);
    }

    public Asm jle(Reg dst, int imm, String label) {
        return jump(Jump.JLE, 64, dst, imm, label);
    }

    public Asm jslt(Reg dst, Reg src, String label) {
        return jump(Jump.JSLT, 64, dst, src, label);
    }

    public Asm jslt(Reg dst, int imm, String label) {
        return jump(Jump.JSLT, 64, dst, imm, label);
    }

    public Asm jsle(Reg dst, Reg src, String label) {
        return jump(Jump.JSLE, 64, dst, src, label);
    }

    public Asm jsle(Reg dst, int imm, String label) {
        return jump(Jump.JSLE, 64, dst, imm, label);
    }

    public Asm jeq32(Reg dst, Reg src, String label) {
        return jump(Jump.JEQ, 32, dst, src, label);
    }

    public Asm jeq32(Reg dst, int imm, String label) {
        return jump(Jump.JEQ, 32, dst, imm, label);
    }

    public Asm jgt32(Reg dst, Reg src, String label) {
        return jump(Jump.JGT, 32, dst, src, label);
    }

    public Asm jgt32(Reg dst, int imm, String label) {
        return jump(Jump.JGT, 32, dst, imm, label);
    }

    public Asm jge32(Reg dst, Reg src, String label) {
        return jump(Jump.JGE, 32, dst, src, label);
    }

    public Asm jge32(Reg dst, int imm, String label) {
        return jump(Jump.JGE, 32, dst, imm, label);
    }

    public Asm jset32(Reg dst, Reg src, String label) {
        return jump(Jump.JSET, 32, dst, src, label);
    }

    public Asm jset32(Reg dst, int imm, String label) {
        return jump(Jump.JSET, 32, dst, imm, label);
    }

    public Asm jne32(Reg dst, Reg src, String label) {
        return jump(Jump.JNE, 32, dst, src, label);
    }

    public Asm jne32(Reg dst, int imm, String label) {
        return jump(Jump.JNE, 32, dst, imm, label);
    }

    public Asm jsgt32(Reg dst, Reg src, String label) {
        return jump(Jump.JSGT, 32, dst, src, label);
    }

    public Asm jsgt32(Reg dst, int imm, String label) {
        return jump(Jump.JSGT, 32, dst, imm, label);
    }

    public Asm jsge32(Reg dst, Reg src, String label) {
        return jump(Jump.JSGE, 32, dst, src, label);
    }

    public Asm jsge32(Reg dst, int imm, String label) {
        return jump(Jump.JSGE, 32, dst, imm, label);
    }

    public Asm jlt32(Reg dst, Reg src, String label) {
        return jump(Jump.JLT, 32, dst, src, label);
    }

    public Asm jlt32(Reg dst, int imm, String label) {
        return jump(Jump.JLT, 32, dst, imm, label);
    }

    public Asm jle32(Reg dst, Reg src, String label) {
        return jump(Jump.JLE, 32, dst, src, label);
    }

    public Asm jle32(Reg dst, int imm, String label) {
        return jump(Jump.JLE, 32, dst, imm, label);
    }

    public Asm jslt32(Reg dst, Reg src, String label) {
        return jump(Jump.JSLT, 32, dst, src, label);
    }

    public Asm jslt32(Reg dst, int imm, String label) {
        return jump(Jump.JSLT, 32, dst, imm, label);
    }

    public Asm jsle32(Reg dst, Reg src, String label) {
        return jump(Jump.JSLE, 32, dst, src, label);
    }

    public Asm jsle32(Reg dst, int imm, String label) {
        return jump(Jump.JSLE, 32, dst, imm, label);
    }

    // endregion

    // region memory

    public Asm lddw(Reg dst, long value) {
        return lddw(dst, 0, (int) value, (int) (value >> 32));
    }

    /**
     * A 64-bit immediate with the meaning that {@code src} gives it: a map, map value, BTF
     * variable, function.
     */
    public Asm lddw(Reg dst, int src, int imm, int nextImm) {
        return insn(new Insn(0, Opcode.LDDW, dst.number(), src, 0, imm, nextImm));
    }

    /** The address of a function of this program, as a callback. */
    public Asm lddwFunction(Reg dst, String label) {
        return to(label, Opcode.LDDW, dst.number(), 4, 0);
    }

    /** {@code dst = *(u<bits> *)(src + off)}. */
    public Asm ldx(int bits, Reg dst, Reg src, int off) {
        return op(row(Kind.LDX, null, bits, null), dst, src, off, 0);
    }

    public Asm ldsx(int bits, Reg dst, Reg src, int off) {
        return op(row(Kind.LDSX, null, bits, null), dst, src, off, 0);
    }

    /** {@code *(u<bits> *)(dst + off) = imm}. */
    public Asm st(int bits, Reg dst, int off, int imm) {
        return op(row(Kind.ST, null, bits, null), dst.number(), 0, off, imm);
    }

    /** {@code *(u<bits> *)(dst + off) = src}. */
    public Asm stx(int bits, Reg dst, int off, Reg src) {
        return op(row(Kind.STX, null, bits, null), dst, src, off, 0);
    }

    public Asm atomic(Atomic operation, int bits, Reg dst, int off, Reg src) {
        return op(row(Kind.ATOMIC, operation, bits, null), dst, src, off, 0);
    }

    public Asm loadAcquire(int bits, Reg dst, Reg src, int off) {
        return op(row(Kind.LOAD_ACQUIRE, null, bits, null), dst, src, off, 0);
    }

    public Asm storeRelease(int bits, Reg dst, int off, Reg src) {
        return op(row(Kind.STORE_RELEASE, null, bits, null), dst, src, off, 0);
    }

    public Asm ldAbs(int bits, int imm) {
        return op(row(Kind.LD_ABS, null, bits, null), 0, 0, 0, imm);
    }

    public Asm ldInd(int bits, Reg src, int imm) {
        return op(row(Kind.LD_IND, null, bits, null), 0, src.number(), 0, imm);
    }

    // endregion
}
