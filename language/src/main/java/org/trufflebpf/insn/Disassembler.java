package org.trufflebpf.insn;

import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Jump;
import org.trufflebpf.insn.Opcode.Operand;

import java.nio.ByteOrder;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Writes an instruction as {@code llvm-objdump -d} of LLVM 19 does. Where that tool says {@code
 * <unknown>} or leaves something out, the text is what it says with {@code --mcpu=v4} (32-bit
 * atomics) or what LLVM 20 says (load_acquire, store_release); the offset of LD_IND and the
 * register of an old callx, which it loses, are shown.
 */
public final class Disassembler {

    /** The processor that {@code llvm-objdump --mcpu} is told of. */
    public enum Cpu {
        /** None told: narrow loads and stores name the 64-bit registers. */
        DEFAULT,
        /**
         * {@code v3}, {@code v4}, and the default since LLVM 20: they name the 32-bit registers.
         */
        V4
    }

    private Disassembler() {}

    /** The text without the target's name behind a jump. */
    public static String text(Insn insn) {
        return text(insn, Cpu.DEFAULT);
    }

    public static String text(Insn insn, Cpu cpu) {
        Opcode row = insn.opcode();
        String second =
                row.operand() == Operand.REG ? register(row.bits(), insn.src()) : imm(insn.imm());
        boolean narrow = cpu == Cpu.V4 && row.bits() < 64;
        return switch (row.kind()) {
            case ALU -> alu(insn, (Alu) row.operation(), register(row.bits(), insn.dst()), second);
            case ADDR_SPACE_CAST ->
                    "r%d = addr_space_cast(r%d, %s, %s)"
                            .formatted(
                                    insn.dst(),
                                    insn.src(),
                                    imm(insn.imm() >>> 16),
                                    imm(insn.imm() & 0xffff));
            case JA -> "goto " + distance(insn.off());
            case JA32 -> "gotol " + distance(insn.imm());
            case JCC ->
                    "if %s %s %s goto %s"
                            .formatted(
                                    register(row.bits(), insn.dst()),
                                    sign((Jump) row.operation()),
                                    second,
                                    distance(insn.off()));
            case MAY_GOTO -> "may_goto " + distance(insn.off());
            case CALL_HELPER, CALL_SUBPROG, CALL_KFUNC -> "call " + imm(insn.imm());
            case CALLX -> "callx r" + insn.dst();
            case EXIT -> "exit";
            case LDX ->
                    (narrow ? "w" : "r")
                            + insn.dst()
                            + " = "
                            + memory("u", row, insn.src(), insn.off());
            case LDSX -> "r" + insn.dst() + " = " + memory("s", row, insn.src(), insn.off());
            case ST -> memory("u", row, insn.dst(), insn.off()) + " = " + imm(insn.imm());
            case STX ->
                    memory("u", row, insn.dst(), insn.off())
                            + " = "
                            + (narrow ? "w" : "r")
                            + insn.src();
            case ATOMIC -> atomic(insn, (Atomic) row.operation(), cpu);
            case LOAD_ACQUIRE ->
                    "%s = load_acquire((u%d *)(%s))"
                            .formatted(
                                    register(row.bits(), insn.dst()),
                                    row.bits(),
                                    address(insn.src(), insn.off()));
            case STORE_RELEASE ->
                    "store_release((u%d *)(%s), %s)"
                            .formatted(
                                    row.bits(),
                                    address(insn.dst(), insn.off()),
                                    register(row.bits(), insn.src()));
            case LDDW -> lddw(insn);
            case LD_ABS -> "r0 = *(u%d *)skb[%s]".formatted(row.bits(), imm(insn.imm()));
            case LD_IND -> "r0 = *(u%d *)skb[%s]".formatted(row.bits(), indirect(insn));
        };
    }

    /**
     * A whole listing in the layout of {@code llvm-objdump -d}; see {@link Listing} for more
     * choices.
     *
     * @param label the symbol at a slot, or {@code null}
     * @param sourceLine the C source text that begins at a slot, or {@code null}
     */
    public static String listing(
            List<Insn> insns,
            IntFunction<String> label,
            IntFunction<String> sourceLine,
            OperandNames names,
            ByteOrder order) {
        return Listing.of(insns)
                .withLabels(label)
                .withSource(sourceLine)
                .withNames(names)
                .withOrder(order)
                .text();
    }

    /** Bytes as the listing shows them: {@code 07 01 00 00 ff ff ff ff}. */
    public static String hex(byte[] bytes, int from, int to) {
        StringBuilder out = new StringBuilder();
        for (int i = from; i < to; i++) {
            out.append(i > from ? " " : "")
                    .append(Character.forDigit(bytes[i] >> 4 & 0xf, 16))
                    .append(Character.forDigit(bytes[i] & 0xf, 16));
        }
        return out.toString();
    }

    private static String alu(Insn insn, Alu operation, String dst, String second) {
        return switch (operation) {
            case NEG -> dst + " = -" + dst;
            case MOVSX8 -> dst + " = (s8)" + second;
            case MOVSX16 -> dst + " = (s16)" + second;
            case MOVSX32 -> dst + " = (s32)" + second;
            case LE -> swap(insn, "le");
            case BE -> swap(insn, "be");
            case BSWAP -> swap(insn, "bswap");
            default -> dst + " " + sign(operation) + " " + second;
        };
    }

    private static String swap(Insn insn, String name) {
        return "r%d = %s%d r%d".formatted(insn.dst(), name, insn.opcode().bits(), insn.dst());
    }

    private static String sign(Alu operation) {
        return switch (operation) {
            case ADD -> "+=";
            case SUB -> "-=";
            case MUL -> "*=";
            case DIV -> "/=";
            case SDIV -> "s/=";
            case OR -> "|=";
            case AND -> "&=";
            case LSH -> "<<=";
            case RSH -> ">>=";
            case MOD -> "%=";
            case SMOD -> "s%=";
            case XOR -> "^=";
            case MOV -> "=";
            case ARSH -> "s>>=";
            default -> throw new IllegalArgumentException(operation + " has no sign");
        };
    }

    static String sign(Jump condition) {
        return switch (condition) {
            case JEQ -> "==";
            case JGT -> ">";
            case JGE -> ">=";
            case JSET -> "&";
            case JNE -> "!=";
            case JSGT -> "s>";
            case JSGE -> "s>=";
            case JLT -> "<";
            case JLE -> "<=";
            case JSLT -> "s<";
            case JSLE -> "s<=";
        };
    }

    private static String atomic(Insn insn, Atomic operation, Cpu cpu) {
        int bits = insn.opcode().bits();
        String src = register(bits, insn.src());
        String address = address(insn.dst(), insn.off());
        String pointer = "(u" + bits + " *)(" + address + ")";
        return switch (operation) {
            // the one 32-bit atomic that LLVM knows without ALU32, as the old xadd
            case ADD -> "lock *" + pointer + " += " + (cpu == Cpu.DEFAULT ? "r" + insn.src() : src);
            case OR -> "lock *" + pointer + " |= " + src;
            case AND -> "lock *" + pointer + " &= " + src;
            case XOR -> "lock *" + pointer + " ^= " + src;
            case FETCH_ADD -> src + " = atomic_fetch_add(" + pointer + ", " + src + ")";
            case FETCH_OR -> src + " = atomic_fetch_or(" + pointer + ", " + src + ")";
            case FETCH_AND -> src + " = atomic_fetch_and(" + pointer + ", " + src + ")";
            case FETCH_XOR -> src + " = atomic_fetch_xor(" + pointer + ", " + src + ")";
            case XCHG ->
                    src
                            + " = "
                            + (bits == 64 ? "xchg_64" : "xchg32_32")
                            + "("
                            + address
                            + ", "
                            + src
                            + ")";
            case CMPXCHG -> {
                String r0 = register(bits, 0);
                String name = bits == 64 ? "cmpxchg_64" : "cmpxchg32_32";
                yield r0 + " = " + name + "(" + address + ", " + r0 + ", " + src + ")";
            }
        };
    }

    private static String lddw(Insn insn) {
        if (insn.src() == 0) {
            return "r" + insn.dst() + " = " + imm(insn.imm64()) + " ll";
        }
        return "ld_pseudo\tr%d, 0x%x, 0x%x".formatted(insn.dst(), insn.src(), insn.imm());
    }

    private static String indirect(Insn insn) {
        return insn.imm() == 0 ? "r" + insn.src() : address(insn.src(), insn.imm());
    }

    private static String memory(String sign, Opcode row, int base, int off) {
        return "*(" + sign + row.bits() + " *)(" + address(base, off) + ")";
    }

    private static String address(int base, int off) {
        return "r"
                + base
                + (off < 0 ? " - " : " + ")
                + "0x"
                + Long.toHexString(Math.abs((long) off));
    }

    private static String register(int bits, int number) {
        return (bits == 64 ? "r" : "w") + number;
    }

    private static String distance(int slots) {
        return (slots < 0 ? "" : "+") + imm(slots);
    }

    private static String imm(long value) {
        // the absolute value of the least long is itself, which is right as an unsigned number
        return value < 0 ? "-0x" + Long.toHexString(-value) : "0x" + Long.toHexString(value);
    }
}
