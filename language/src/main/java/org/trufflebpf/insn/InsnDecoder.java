package org.trufflebpf.insn;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Opcode.Field;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Selector;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Reads instructions (RFC 9669 section 3) and refuses whatever is not exactly a row of the {@link
 * Opcode} table: an unknown code, a register above r10, a field that the row leaves unused and that
 * is not zero, half a lddw. The first words of a refusal after the bytes are those of the kernel's
 * verifier.
 *
 * <p>This stage knows form only. {@link LoadRules} holds what a well-formed instruction must not
 * do, {@link JumpRules} where a jump must not go; {@link #decode} asks the first, callers that have
 * a whole subprogram ask the second.
 */
public final class InsnDecoder {
    /**
     * The meanings of lddw, {@code BPF_PSEUDO_*} of uapi/linux/bpf.h, end with {@code
     * BPF_PSEUDO_MAP_IDX_VALUE}.
     */
    private static final int MAX_LDDW_SOURCE = 6;

    private static final int PSEUDO_MAP_FD = 1;
    private static final int PSEUDO_MAP_IDX = 5;

    private final byte[] code;
    private final ByteBuffer in;
    private final Where where;
    private final boolean little;

    private InsnDecoder(byte[] code, ByteOrder order, Where where) {
        this.code = code;
        this.in = ByteBuffer.wrap(code).order(order);
        this.where = where;
        this.little = order == ByteOrder.LITTLE_ENDIAN;
    }

    /**
     * The instructions of a program, well formed and within {@link LoadRules}.
     *
     * @param code the bytes, 8 for each slot
     * @param where file, section and program for error messages; the instruction is filled in here
     * @throws BpfException MALFORMED for a wrong form, REJECTED for a broken load rule
     */
    public static List<Insn> decode(byte[] code, ByteOrder order, Where where) {
        List<Insn> insns = decodeForm(code, order, where);
        LoadRules.check(insns, order, where);
        return insns;
    }

    /**
     * The instructions of a program, well formed, without {@link LoadRules}: for a caller that asks
     * these only where control can come, as the kernel does.
     */
    public static List<Insn> decodeForm(byte[] code, ByteOrder order, Where where) {
        if (code.length % Insn.SLOT_BYTES != 0) {
            throw BpfException.malformed(
                    where,
                    "the code has "
                            + code.length
                            + " bytes, expected a multiple of "
                            + Insn.SLOT_BYTES);
        }
        return new InsnDecoder(code, order, where).all();
    }

    /** Refuses jumps that leave the program or meet the middle of a lddw; see {@link JumpRules}. */
    public static void checkJumps(List<Insn> insns, Where where) {
        JumpRules.check(insns, where);
    }

    private List<Insn> all() {
        List<Insn> out = new ArrayList<>(code.length / Insn.SLOT_BYTES);
        for (int slot = 0; slot < code.length / Insn.SLOT_BYTES; slot += out.getLast().slots()) {
            out.add(one(slot));
        }
        return List.copyOf(out);
    }

    private Insn one(int slot) {
        int at = slot * Insn.SLOT_BYTES;
        int opcodeByte = code[at] & 0xff;
        int low = code[at + 1] & 0xf;
        int high = code[at + 1] >> 4 & 0xf;
        int dst = little ? low : high;
        int src = little ? high : low;
        int off = in.getShort(at + 2);
        int imm = in.getInt(at + 4);
        Opcode row = Opcode.find(opcodeByte, src, off, imm);
        if (row == null) {
            throw noSuchRow(slot, opcodeByte, src, imm);
        }
        if (row.kind() == Kind.CALLX && imm != 0 && dst == 0) {
            return legacyCallx(slot, row, src, off, imm);
        }
        checkUnused(slot, row, Field.DST, Selector.NONE, "dst", dst);
        checkUnused(slot, row, Field.SRC, Selector.SRC, "src", src);
        checkUnused(slot, row, Field.OFF, Selector.OFF, "off", off);
        checkUnused(slot, row, Field.IMM, Selector.IMM, "imm", imm);
        checkRegister(slot, "dst", dst);
        if (row.kind() == Kind.LDDW) {
            return new Insn(slot, row, dst, src, off, imm, secondImmediate(slot, src));
        }
        if (row.uses(Field.SRC)) {
            checkRegister(slot, "src", src);
        }
        return new Insn(slot, row, dst, src, off, imm, 0);
    }

    /** callx as clang 18 and older wrote it, the register's number in the immediate. */
    private Insn legacyCallx(int slot, Opcode row, int src, int off, int imm) {
        checkUnused(slot, row, Field.SRC, Selector.SRC, "src", src);
        checkUnused(slot, row, Field.OFF, Selector.OFF, "off", off);
        if (imm < 0 || imm > Insn.MAX_REGISTER) {
            throw malformed(
                    slot,
                    1,
                    "R" + Integer.toUnsignedString(imm) + " is invalid as imm, expected r0 to r10");
        }
        return new Insn(slot, row, imm, 0, 0, imm, 0);
    }

    private int secondImmediate(int slot, int src) {
        int next = (slot + 1) * Insn.SLOT_BYTES;
        if (src > MAX_LDDW_SOURCE) {
            throw malformed(
                    slot, 1, "unrecognized bpf_ld_imm64 insn: src is " + src + ", expected 0 to 6");
        }
        if (next >= code.length) {
            throw malformed(
                    slot, 1, "invalid bpf_ld_imm64 insn: the code ends, expected a second slot");
        }
        if (code[next] != 0 || code[next + 1] != 0 || in.getShort(next + 2) != 0) {
            throw malformed(
                    slot,
                    2,
                    "invalid bpf_ld_imm64 insn: second slot, expected code, registers and off to be"
                            + " 0");
        }
        int imm = in.getInt(next + 4);
        if (imm != 0 && (src == PSEUDO_MAP_FD || src == PSEUDO_MAP_IDX)) {
            throw malformed(
                    slot,
                    2,
                    "unrecognized bpf_ld_imm64 insn: second imm is "
                            + imm
                            + ", expected 0 for a map (src "
                            + src
                            + ")");
        }
        return imm;
    }

    /** A field may hold a value if the row uses it or was chosen by it. */
    private void checkUnused(
            int slot, Opcode row, int field, Selector selector, String name, int value) {
        boolean free = row.uses(field) || (selector != Selector.NONE && row.selector() == selector);
        if (!free && value != 0) {
            String expected = expectedSelectors(row.code(), selector);
            throw malformed(
                    slot,
                    1,
                    reserved(row)
                            + ": "
                            + name
                            + " is "
                            + value
                            + ", expected "
                            + (expected.isEmpty() ? "0" : expected));
        }
    }

    private void checkRegister(int slot, String field, int register) {
        if (register > Insn.MAX_REGISTER) {
            throw malformed(
                    slot, 1, "R" + register + " is invalid as " + field + ", expected r0 to r10");
        }
    }

    private BpfException noSuchRow(int slot, int opcodeByte, int src, int imm) {
        Opcode[] rows = Opcode.rows(opcodeByte);
        if (rows.length == 0) {
            return malformed(
                    slot,
                    1,
                    "unknown opcode "
                            + hex(opcodeByte)
                            + ", expected one of the instruction set (RFC 9669)");
        }
        Opcode first = rows[0];
        String expected = expectedSelectors(opcodeByte, first.selector());
        if (first.kind() == Kind.ATOMIC || first.kind() == Kind.LOAD_ACQUIRE) {
            return malformed(
                    slot,
                    1,
                    "BPF_ATOMIC uses invalid atomic opcode " + hex(imm) + ", expected " + expected);
        }
        boolean bySource = first.selector() == Selector.SRC;
        return malformed(
                slot,
                1,
                reserved(first)
                        + ": "
                        + (bySource ? "src is " + src : "imm is " + imm)
                        + ", expected "
                        + expected);
    }

    /**
     * The values that a selecting field may have under a code byte, {@code ""} if the field selects
     * nothing.
     */
    private static String expectedSelectors(int opcodeByte, Selector selector) {
        TreeSet<Integer> values = new TreeSet<>();
        boolean atomic = false;
        for (Opcode row : Opcode.rows(opcodeByte)) {
            if (row.selector() == selector && selector != Selector.NONE) {
                values.add(row.selectorValue());
                atomic |= row.kind() == Kind.LOAD_ACQUIRE;
            }
        }
        if (values.isEmpty()) {
            return "";
        }
        if (Opcode.rows(opcodeByte)[0].selector() == Selector.NONE) {
            values.add(0);
        }
        int last = values.pollLast();
        StringBuilder out = new StringBuilder();
        for (int value : values) {
            out.append(out.isEmpty() ? "" : ", ").append(atomic ? hex(value) : value);
        }
        return out + (out.isEmpty() ? "" : " or ") + (atomic ? hex(last) : last);
    }

    /** What the kernel says of a nonzero unused field. */
    private static String reserved(Opcode row) {
        String name =
                switch (row.kind()) {
                    case ALU -> aluName((Opcode.Alu) row.operation());
                    case ADDR_SPACE_CAST -> "BPF_MOV";
                    case JA, JA32 -> "BPF_JA";
                    case JCC -> "BPF_JMP/JMP32";
                    case MAY_GOTO -> "may_goto";
                    case CALL_HELPER, CALL_SUBPROG, CALL_KFUNC, CALLX -> "BPF_CALL";
                    case EXIT -> "BPF_EXIT";
                    case LDX, LDSX -> "BPF_LDX";
                    case ST -> "BPF_ST";
                    case STX -> "BPF_STX";
                    case ATOMIC, LOAD_ACQUIRE, STORE_RELEASE -> "BPF_ATOMIC";
                    case LDDW -> "BPF_LD_IMM64";
                    case LD_ABS, LD_IND -> "BPF_LD_[ABS|IND]";
                };
        return name + " uses reserved fields";
    }

    private static String aluName(Opcode.Alu operation) {
        return switch (operation) {
            case MOV, MOVSX8, MOVSX16, MOVSX32 -> "BPF_MOV";
            case NEG -> "BPF_NEG";
            case LE, BE, BSWAP -> "BPF_END";
            default -> "BPF_ALU";
        };
    }

    private static String hex(int value) {
        return value >= 0 && value < 16
                ? "0" + Integer.toHexString(value)
                : Integer.toHexString(value);
    }

    private BpfException malformed(int slot, int slots, String message) {
        int from = slot * Insn.SLOT_BYTES;
        String bytes = Disassembler.hex(code, from, from + slots * Insn.SLOT_BYTES);
        return BpfException.malformed(where.at(slot, where.source()), bytes + ": " + message);
    }
}
