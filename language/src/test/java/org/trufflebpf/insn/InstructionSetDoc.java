package org.trufflebpf.insn;

import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Jump;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.insn.Opcode.Selector;

import java.util.Locale;

/**
 * Writes {@code docs/instruction-set.md} from the opcode table: one line for each row, in table
 * order.
 */
final class InstructionSetDoc {
    private static final String[] CLASSES = {
        "LD", "LDX", "ST", "STX", "ALU", "JMP", "JMP32", "ALU64"
    };

    private static final String HEAD =
            """
            # Instruction set

            All instructions of RFC 9669 and those that Linux adds to it. This file is generated from the rows
            of `org.trufflebpf.insn.Opcode`, the one place that knows an encoding; `InstructionSetDocTest` holds
            it to them.

            An instruction has 8 bytes: code, registers (`dst` and `src`, 4 bits each), `off` (16 bits), `imm`
            (32 bits). *Fixed* is the field that tells rows of the same code apart. A field that a row neither
            uses nor fixes must be zero; an instruction that breaks this is refused at load. *Example* is the
            text of `llvm-objdump -d` with `dst` = r1, `src` = r2, `off` = 4, `imm` = 5.

            In the meanings, `dst` and `src` are 64-bit registers, `(u32)` cuts and zero-extends, `(s64)` sign-extends.
            Shift counts are masked to the width. Jump offsets count 8-byte slots from the next instruction.
            """;

    private InstructionSetDoc() {}

    static String text() {
        StringBuilder out = new StringBuilder(HEAD);
        String section = "";
        for (Opcode row : Opcode.values()) {
            if (!section(row).equals(section)) {
                section = section(row);
                out.append("\n## ").append(section).append("\n\n");
                out.append("| Row | Code | Class | Fixed | Group | Example | Meaning |\n");
                out.append("|---|---|---|---|---|---|---|\n");
            }
            out.append(
                    "| %s | `0x%02x` | %s | %s | %s | `%s` | `%s` |\n"
                            .formatted(
                                    row,
                                    row.code(),
                                    CLASSES[row.code() & 7],
                                    fixed(row),
                                    row.group().name().toLowerCase(Locale.ROOT),
                                    cell(example(row)),
                                    cell(meaning(row))));
        }
        return out.toString();
    }

    private static String section(Opcode row) {
        return switch (row.kind()) {
            case ALU ->
                    switch ((Alu) row.operation()) {
                        case LE, BE, BSWAP -> "Byte order";
                        default -> row.bits() + "-bit arithmetic";
                    };
            case ADDR_SPACE_CAST -> "Address spaces";
            case JA, JA32, JCC, MAY_GOTO -> "Jumps";
            case CALL_HELPER, CALL_SUBPROG, CALL_KFUNC, CALLX, EXIT -> "Calls and exit";
            case LDX, LDSX, ST, STX -> "Loads and stores";
            case ATOMIC, LOAD_ACQUIRE, STORE_RELEASE -> "Atomic operations";
            case LDDW -> "64-bit immediates";
            case LD_ABS, LD_IND -> "Packet access";
        };
    }

    private static String fixed(Opcode row) {
        if (row.selector() == Selector.NONE) {
            return "";
        }
        boolean atomic =
                switch (row.kind()) {
                    case ATOMIC, LOAD_ACQUIRE, STORE_RELEASE -> true;
                    default -> false;
                };
        String value =
                atomic
                        ? "0x%02x".formatted(row.selectorValue())
                        : Integer.toString(row.selectorValue());
        return "`" + row.selector().name().toLowerCase(Locale.ROOT) + " = " + value + "`";
    }

    private static String example(Opcode row) {
        int dst = row.uses(Opcode.Field.DST) ? 1 : 0;
        int src = row.kind() == Opcode.Kind.LDDW ? 0 : 2;
        return Disassembler.text(Insn.of(row, dst, src, 4, 5));
    }

    private static String meaning(Opcode row) {
        String type = "u" + row.bits();
        String destination = "*(" + type + " *)(dst + off)";
        return switch (row.kind()) {
            case ALU -> alu(row, (Alu) row.operation());
            case ADDR_SPACE_CAST -> "dst = src, from address space (u16)imm to imm >> 16";
            case JA -> "pc += off";
            case JA32 -> "pc += imm";
            case JCC -> condition(row, (Jump) row.operation());
            case MAY_GOTO -> "if (the loop budget is spent) pc += off";
            case CALL_HELPER -> "r0 = helper[imm](r1, r2, r3, r4, r5)";
            case CALL_SUBPROG -> "r0 = subprogram at pc + imm (r1, r2, r3, r4, r5)";
            case CALL_KFUNC -> "r0 = kfunc with BTF id imm (r1, r2, r3, r4, r5)";
            case CALLX -> "r0 = function at dst (r1, r2, r3, r4, r5)";
            case EXIT -> "return r0";
            case LDX -> "dst = *(" + type + " *)(src + off)";
            case LDSX -> "dst = *(s" + row.bits() + " *)(src + off)";
            case ST -> destination + " = imm";
            case STX -> destination + " = src";
            case ATOMIC -> atomic((Atomic) row.operation(), type);
            case LOAD_ACQUIRE -> "dst = load_acquire((" + type + " *)(src + off))";
            case STORE_RELEASE -> "store_release((" + type + " *)(dst + off), src)";
            case LDDW ->
                    "dst = imm64 (src 0), map (1, 5), map value (2, 6), BTF variable (3), function"
                            + " (4)";
            case LD_ABS -> "r0 = ntoh(*(" + type + " *)(packet + imm)), outside: return 0";
            case LD_IND ->
                    "r0 = ntoh(*(" + type + " *)(packet + (u32)src + imm)), outside: return 0";
        };
    }

    private static String alu(Opcode row, Alu operation) {
        boolean wide = row.bits() == 64;
        String a = wide ? "dst" : "(u32)dst";
        String sa = wide ? "(s64)dst" : "(s32)dst";
        String src = wide ? "src" : "(u32)src";
        String b = row.operand() == Operand.IMM ? (wide ? "(s64)imm" : "imm") : src;
        String ub = row.operand() == Operand.IMM ? (wide ? "(u64)(s64)imm" : "(u32)imm") : src;
        String sb = row.operand() == Operand.IMM ? b : wide ? "(s64)src" : "(s32)src";
        String count =
                "("
                        + (row.operand() == Operand.IMM ? "imm" : "src")
                        + " & "
                        + (row.bits() - 1)
                        + ")";
        String value =
                switch (operation) {
                    case ADD -> a + " + " + b;
                    case SUB -> a + " - " + b;
                    case MUL -> a + " * " + b;
                    case DIV -> quotient(row, "0", a + " / " + ub);
                    case SDIV -> quotient(row, "0", sa + " / " + sb);
                    case MOD -> quotient(row, a, a + " % " + ub);
                    case SMOD -> quotient(row, a, sa + " % " + sb);
                    case OR -> a + " | " + b;
                    case AND -> a + " & " + b;
                    case XOR -> a + " ^ " + b;
                    case LSH -> a + " << " + count;
                    case RSH -> a + " >> " + count;
                    case ARSH -> sa + " >> " + count;
                    case NEG -> "-" + a;
                    case MOV -> b;
                    case MOVSX8 -> "(s8)src";
                    case MOVSX16 -> "(s16)src";
                    case MOVSX32 -> "(s32)src";
                    case LE -> "htole" + row.bits() + "(dst)";
                    case BE -> "htobe" + row.bits() + "(dst)";
                    case BSWAP -> "bswap" + row.bits() + "(dst)";
                };
        boolean swap = operation == Alu.LE || operation == Alu.BE || operation == Alu.BSWAP;
        return "dst = " + (wide || swap ? value : "(u32)(" + value + ")");
    }

    /** A register may be zero, an immediate is refused at load if it is. */
    private static String quotient(Opcode row, String byZero, String value) {
        String zero = row.bits() == 64 ? "src" : "(u32)src";
        return row.operand() == Operand.IMM ? value : zero + " == 0 ? " + byZero + " : " + value;
    }

    private static String condition(Opcode row, Jump jump) {
        boolean signed =
                switch (jump) {
                    case JSGT, JSGE, JSLT, JSLE -> true;
                    default -> false;
                };
        String type = (signed ? "s" : "u") + row.bits();
        boolean wideImmediate = row.operand() == Operand.IMM && row.bits() == 64;
        String second = row.operand() == Operand.REG ? "src" : wideImmediate ? "(s64)imm" : "imm";
        String sign = Disassembler.sign(jump).replace("s", "");
        return "if ((" + type + ")dst " + sign + " (" + type + ")" + second + ") pc += off";
    }

    private static String atomic(Atomic operation, String type) {
        String memory = "*(" + type + " *)(dst + off)";
        String operand = "(" + type + ")src";
        String atomically =
                switch (operation) {
                    case ADD -> memory + " += " + operand;
                    case OR -> memory + " |= " + operand;
                    case AND -> memory + " &= " + operand;
                    case XOR -> memory + " ^= " + operand;
                    case FETCH_ADD ->
                            "old = " + memory + "; " + memory + " += " + operand + "; src = old";
                    case FETCH_OR ->
                            "old = " + memory + "; " + memory + " |= " + operand + "; src = old";
                    case FETCH_AND ->
                            "old = " + memory + "; " + memory + " &= " + operand + "; src = old";
                    case FETCH_XOR ->
                            "old = " + memory + "; " + memory + " ^= " + operand + "; src = old";
                    case XCHG ->
                            "old = " + memory + "; " + memory + " = " + operand + "; src = old";
                    case CMPXCHG ->
                            "old = "
                                    + memory
                                    + "; if (old == ("
                                    + type
                                    + ")r0) "
                                    + memory
                                    + " = "
                                    + operand
                                    + "; r0 = old";
                };
        return "atomic { " + atomically + " }";
    }

    /** A bar would end a cell of the table, even in code. */
    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
