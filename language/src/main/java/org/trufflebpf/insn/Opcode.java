package org.trufflebpf.insn;

import java.util.ArrayList;
import java.util.List;

/**
 * The opcode table: one row for each operation that an instruction can encode. Decoder, encoder,
 * disassembler, control flow, nodes, documentation and tests all read it, and nothing else knows an
 * encoding.
 *
 * <p>Some code bytes stand for several operations, told apart by one more field that must have a
 * fixed value (the {@code off(1)}, {@code imm(32)}, {@code src(2)} at the end of a row). Fields
 * that a row neither uses nor fixes must be zero, as the kernel demands.
 */
public enum Opcode {

    // 64-bit arithmetic, RFC 9669 section 4.1
    ADD64_IMM(0x07, Kind.ALU, Alu.ADD, 64, Operand.IMM, Group.BASE64),
    ADD64_REG(0x0f, Kind.ALU, Alu.ADD, 64, Operand.REG, Group.BASE64),
    SUB64_IMM(0x17, Kind.ALU, Alu.SUB, 64, Operand.IMM, Group.BASE64),
    SUB64_REG(0x1f, Kind.ALU, Alu.SUB, 64, Operand.REG, Group.BASE64),
    MUL64_IMM(0x27, Kind.ALU, Alu.MUL, 64, Operand.IMM, Group.DIVMUL64),
    MUL64_REG(0x2f, Kind.ALU, Alu.MUL, 64, Operand.REG, Group.DIVMUL64),
    DIV64_IMM(0x37, Kind.ALU, Alu.DIV, 64, Operand.IMM, Group.DIVMUL64),
    SDIV64_IMM(0x37, Kind.ALU, Alu.SDIV, 64, Operand.IMM, Group.DIVMUL64, off(1)),
    DIV64_REG(0x3f, Kind.ALU, Alu.DIV, 64, Operand.REG, Group.DIVMUL64),
    SDIV64_REG(0x3f, Kind.ALU, Alu.SDIV, 64, Operand.REG, Group.DIVMUL64, off(1)),
    OR64_IMM(0x47, Kind.ALU, Alu.OR, 64, Operand.IMM, Group.BASE64),
    OR64_REG(0x4f, Kind.ALU, Alu.OR, 64, Operand.REG, Group.BASE64),
    AND64_IMM(0x57, Kind.ALU, Alu.AND, 64, Operand.IMM, Group.BASE64),
    AND64_REG(0x5f, Kind.ALU, Alu.AND, 64, Operand.REG, Group.BASE64),
    LSH64_IMM(0x67, Kind.ALU, Alu.LSH, 64, Operand.IMM, Group.BASE64),
    LSH64_REG(0x6f, Kind.ALU, Alu.LSH, 64, Operand.REG, Group.BASE64),
    RSH64_IMM(0x77, Kind.ALU, Alu.RSH, 64, Operand.IMM, Group.BASE64),
    RSH64_REG(0x7f, Kind.ALU, Alu.RSH, 64, Operand.REG, Group.BASE64),
    MOD64_IMM(0x97, Kind.ALU, Alu.MOD, 64, Operand.IMM, Group.DIVMUL64),
    SMOD64_IMM(0x97, Kind.ALU, Alu.SMOD, 64, Operand.IMM, Group.DIVMUL64, off(1)),
    MOD64_REG(0x9f, Kind.ALU, Alu.MOD, 64, Operand.REG, Group.DIVMUL64),
    SMOD64_REG(0x9f, Kind.ALU, Alu.SMOD, 64, Operand.REG, Group.DIVMUL64, off(1)),
    XOR64_IMM(0xa7, Kind.ALU, Alu.XOR, 64, Operand.IMM, Group.BASE64),
    XOR64_REG(0xaf, Kind.ALU, Alu.XOR, 64, Operand.REG, Group.BASE64),
    MOV64_IMM(0xb7, Kind.ALU, Alu.MOV, 64, Operand.IMM, Group.BASE64),
    MOV64_REG(0xbf, Kind.ALU, Alu.MOV, 64, Operand.REG, Group.BASE64),
    MOVSX64_8(0xbf, Kind.ALU, Alu.MOVSX8, 64, Operand.REG, Group.BASE64, off(8)),
    MOVSX64_16(0xbf, Kind.ALU, Alu.MOVSX16, 64, Operand.REG, Group.BASE64, off(16)),
    MOVSX64_32(0xbf, Kind.ALU, Alu.MOVSX32, 64, Operand.REG, Group.BASE64, off(32)),
    ARSH64_IMM(0xc7, Kind.ALU, Alu.ARSH, 64, Operand.IMM, Group.BASE64),
    ARSH64_REG(0xcf, Kind.ALU, Alu.ARSH, 64, Operand.REG, Group.BASE64),
    NEG64(0x87, Kind.ALU, Alu.NEG, 64, Operand.NONE, Group.BASE64),

    // 32-bit arithmetic, RFC 9669 section 4.1
    ADD32_IMM(0x04, Kind.ALU, Alu.ADD, 32, Operand.IMM, Group.BASE32),
    ADD32_REG(0x0c, Kind.ALU, Alu.ADD, 32, Operand.REG, Group.BASE32),
    SUB32_IMM(0x14, Kind.ALU, Alu.SUB, 32, Operand.IMM, Group.BASE32),
    SUB32_REG(0x1c, Kind.ALU, Alu.SUB, 32, Operand.REG, Group.BASE32),
    MUL32_IMM(0x24, Kind.ALU, Alu.MUL, 32, Operand.IMM, Group.DIVMUL32),
    MUL32_REG(0x2c, Kind.ALU, Alu.MUL, 32, Operand.REG, Group.DIVMUL32),
    DIV32_IMM(0x34, Kind.ALU, Alu.DIV, 32, Operand.IMM, Group.DIVMUL32),
    SDIV32_IMM(0x34, Kind.ALU, Alu.SDIV, 32, Operand.IMM, Group.DIVMUL32, off(1)),
    DIV32_REG(0x3c, Kind.ALU, Alu.DIV, 32, Operand.REG, Group.DIVMUL32),
    SDIV32_REG(0x3c, Kind.ALU, Alu.SDIV, 32, Operand.REG, Group.DIVMUL32, off(1)),
    OR32_IMM(0x44, Kind.ALU, Alu.OR, 32, Operand.IMM, Group.BASE32),
    OR32_REG(0x4c, Kind.ALU, Alu.OR, 32, Operand.REG, Group.BASE32),
    AND32_IMM(0x54, Kind.ALU, Alu.AND, 32, Operand.IMM, Group.BASE32),
    AND32_REG(0x5c, Kind.ALU, Alu.AND, 32, Operand.REG, Group.BASE32),
    LSH32_IMM(0x64, Kind.ALU, Alu.LSH, 32, Operand.IMM, Group.BASE32),
    LSH32_REG(0x6c, Kind.ALU, Alu.LSH, 32, Operand.REG, Group.BASE32),
    RSH32_IMM(0x74, Kind.ALU, Alu.RSH, 32, Operand.IMM, Group.BASE32),
    RSH32_REG(0x7c, Kind.ALU, Alu.RSH, 32, Operand.REG, Group.BASE32),
    MOD32_IMM(0x94, Kind.ALU, Alu.MOD, 32, Operand.IMM, Group.DIVMUL32),
    SMOD32_IMM(0x94, Kind.ALU, Alu.SMOD, 32, Operand.IMM, Group.DIVMUL32, off(1)),
    MOD32_REG(0x9c, Kind.ALU, Alu.MOD, 32, Operand.REG, Group.DIVMUL32),
    SMOD32_REG(0x9c, Kind.ALU, Alu.SMOD, 32, Operand.REG, Group.DIVMUL32, off(1)),
    XOR32_IMM(0xa4, Kind.ALU, Alu.XOR, 32, Operand.IMM, Group.BASE32),
    XOR32_REG(0xac, Kind.ALU, Alu.XOR, 32, Operand.REG, Group.BASE32),
    MOV32_IMM(0xb4, Kind.ALU, Alu.MOV, 32, Operand.IMM, Group.BASE32),
    MOV32_REG(0xbc, Kind.ALU, Alu.MOV, 32, Operand.REG, Group.BASE32),
    MOVSX32_8(0xbc, Kind.ALU, Alu.MOVSX8, 32, Operand.REG, Group.BASE32, off(8)),
    MOVSX32_16(0xbc, Kind.ALU, Alu.MOVSX16, 32, Operand.REG, Group.BASE32, off(16)),
    ARSH32_IMM(0xc4, Kind.ALU, Alu.ARSH, 32, Operand.IMM, Group.BASE32),
    ARSH32_REG(0xcc, Kind.ALU, Alu.ARSH, 32, Operand.REG, Group.BASE32),
    NEG32(0x84, Kind.ALU, Alu.NEG, 32, Operand.NONE, Group.BASE32),
    ADDR_SPACE_CAST(0xbf, Kind.ADDR_SPACE_CAST, Alu.MOV, 64, Operand.REG, Group.LINUX, off(1)),

    // byte order, RFC 9669 section 4.2; the immediate is the width
    LE16(0xd4, Kind.ALU, Alu.LE, 16, Operand.NONE, Group.BASE32, imm(16)),
    LE32(0xd4, Kind.ALU, Alu.LE, 32, Operand.NONE, Group.BASE32, imm(32)),
    LE64(0xd4, Kind.ALU, Alu.LE, 64, Operand.NONE, Group.BASE64, imm(64)),
    BE16(0xdc, Kind.ALU, Alu.BE, 16, Operand.NONE, Group.BASE32, imm(16)),
    BE32(0xdc, Kind.ALU, Alu.BE, 32, Operand.NONE, Group.BASE32, imm(32)),
    BE64(0xdc, Kind.ALU, Alu.BE, 64, Operand.NONE, Group.BASE64, imm(64)),
    BSWAP16(0xd7, Kind.ALU, Alu.BSWAP, 16, Operand.NONE, Group.BASE32, imm(16)),
    BSWAP32(0xd7, Kind.ALU, Alu.BSWAP, 32, Operand.NONE, Group.BASE32, imm(32)),
    BSWAP64(0xd7, Kind.ALU, Alu.BSWAP, 64, Operand.NONE, Group.BASE64, imm(64)),

    // jumps, RFC 9669 section 4.3
    JA(0x05, Kind.JA, null, 64, Operand.NONE, Group.BASE32),
    JA32(0x06, Kind.JA32, null, 32, Operand.NONE, Group.BASE32),
    JEQ64_IMM(0x15, Kind.JCC, Jump.JEQ, 64, Operand.IMM, Group.BASE64),
    JEQ64_REG(0x1d, Kind.JCC, Jump.JEQ, 64, Operand.REG, Group.BASE64),
    JGT64_IMM(0x25, Kind.JCC, Jump.JGT, 64, Operand.IMM, Group.BASE64),
    JGT64_REG(0x2d, Kind.JCC, Jump.JGT, 64, Operand.REG, Group.BASE64),
    JGE64_IMM(0x35, Kind.JCC, Jump.JGE, 64, Operand.IMM, Group.BASE64),
    JGE64_REG(0x3d, Kind.JCC, Jump.JGE, 64, Operand.REG, Group.BASE64),
    JSET64_IMM(0x45, Kind.JCC, Jump.JSET, 64, Operand.IMM, Group.BASE64),
    JSET64_REG(0x4d, Kind.JCC, Jump.JSET, 64, Operand.REG, Group.BASE64),
    JNE64_IMM(0x55, Kind.JCC, Jump.JNE, 64, Operand.IMM, Group.BASE64),
    JNE64_REG(0x5d, Kind.JCC, Jump.JNE, 64, Operand.REG, Group.BASE64),
    JSGT64_IMM(0x65, Kind.JCC, Jump.JSGT, 64, Operand.IMM, Group.BASE64),
    JSGT64_REG(0x6d, Kind.JCC, Jump.JSGT, 64, Operand.REG, Group.BASE64),
    JSGE64_IMM(0x75, Kind.JCC, Jump.JSGE, 64, Operand.IMM, Group.BASE64),
    JSGE64_REG(0x7d, Kind.JCC, Jump.JSGE, 64, Operand.REG, Group.BASE64),
    JLT64_IMM(0xa5, Kind.JCC, Jump.JLT, 64, Operand.IMM, Group.BASE64),
    JLT64_REG(0xad, Kind.JCC, Jump.JLT, 64, Operand.REG, Group.BASE64),
    JLE64_IMM(0xb5, Kind.JCC, Jump.JLE, 64, Operand.IMM, Group.BASE64),
    JLE64_REG(0xbd, Kind.JCC, Jump.JLE, 64, Operand.REG, Group.BASE64),
    JSLT64_IMM(0xc5, Kind.JCC, Jump.JSLT, 64, Operand.IMM, Group.BASE64),
    JSLT64_REG(0xcd, Kind.JCC, Jump.JSLT, 64, Operand.REG, Group.BASE64),
    JSLE64_IMM(0xd5, Kind.JCC, Jump.JSLE, 64, Operand.IMM, Group.BASE64),
    JSLE64_REG(0xdd, Kind.JCC, Jump.JSLE, 64, Operand.REG, Group.BASE64),
    JEQ32_IMM(0x16, Kind.JCC, Jump.JEQ, 32, Operand.IMM, Group.BASE32),
    JEQ32_REG(0x1e, Kind.JCC, Jump.JEQ, 32, Operand.REG, Group.BASE32),
    JGT32_IMM(0x26, Kind.JCC, Jump.JGT, 32, Operand.IMM, Group.BASE32),
    JGT32_REG(0x2e, Kind.JCC, Jump.JGT, 32, Operand.REG, Group.BASE32),
    JGE32_IMM(0x36, Kind.JCC, Jump.JGE, 32, Operand.IMM, Group.BASE32),
    JGE32_REG(0x3e, Kind.JCC, Jump.JGE, 32, Operand.REG, Group.BASE32),
    JSET32_IMM(0x46, Kind.JCC, Jump.JSET, 32, Operand.IMM, Group.BASE32),
    JSET32_REG(0x4e, Kind.JCC, Jump.JSET, 32, Operand.REG, Group.BASE32),
    JNE32_IMM(0x56, Kind.JCC, Jump.JNE, 32, Operand.IMM, Group.BASE32),
    JNE32_REG(0x5e, Kind.JCC, Jump.JNE, 32, Operand.REG, Group.BASE32),
    JSGT32_IMM(0x66, Kind.JCC, Jump.JSGT, 32, Operand.IMM, Group.BASE32),
    JSGT32_REG(0x6e, Kind.JCC, Jump.JSGT, 32, Operand.REG, Group.BASE32),
    JSGE32_IMM(0x76, Kind.JCC, Jump.JSGE, 32, Operand.IMM, Group.BASE32),
    JSGE32_REG(0x7e, Kind.JCC, Jump.JSGE, 32, Operand.REG, Group.BASE32),
    JLT32_IMM(0xa6, Kind.JCC, Jump.JLT, 32, Operand.IMM, Group.BASE32),
    JLT32_REG(0xae, Kind.JCC, Jump.JLT, 32, Operand.REG, Group.BASE32),
    JLE32_IMM(0xb6, Kind.JCC, Jump.JLE, 32, Operand.IMM, Group.BASE32),
    JLE32_REG(0xbe, Kind.JCC, Jump.JLE, 32, Operand.REG, Group.BASE32),
    JSLT32_IMM(0xc6, Kind.JCC, Jump.JSLT, 32, Operand.IMM, Group.BASE32),
    JSLT32_REG(0xce, Kind.JCC, Jump.JSLT, 32, Operand.REG, Group.BASE32),
    JSLE32_IMM(0xd6, Kind.JCC, Jump.JSLE, 32, Operand.IMM, Group.BASE32),
    JSLE32_REG(0xde, Kind.JCC, Jump.JSLE, 32, Operand.REG, Group.BASE32),
    MAY_GOTO(0xe5, Kind.MAY_GOTO, null, 64, Operand.NONE, Group.LINUX),
    CALL_HELPER(0x85, Kind.CALL_HELPER, null, 64, Operand.IMM, Group.BASE32, src(0)),
    CALL_SUBPROG(0x85, Kind.CALL_SUBPROG, null, 64, Operand.IMM, Group.BASE32, src(1)),
    CALL_KFUNC(0x85, Kind.CALL_KFUNC, null, 64, Operand.IMM, Group.BASE32, src(2)),
    CALLX(0x8d, Kind.CALLX, null, 64, Operand.NONE, Group.LINUX),
    EXIT(0x95, Kind.EXIT, null, 64, Operand.NONE, Group.BASE32),

    // loads and stores, RFC 9669 section 5; the width is that of the access
    LDX8(0x71, Kind.LDX, null, 8, Operand.REG, Group.BASE32),
    LDX16(0x69, Kind.LDX, null, 16, Operand.REG, Group.BASE32),
    LDX32(0x61, Kind.LDX, null, 32, Operand.REG, Group.BASE32),
    LDX64(0x79, Kind.LDX, null, 64, Operand.REG, Group.BASE64),
    LDSX8(0x91, Kind.LDSX, null, 8, Operand.REG, Group.BASE64),
    LDSX16(0x89, Kind.LDSX, null, 16, Operand.REG, Group.BASE64),
    LDSX32(0x81, Kind.LDSX, null, 32, Operand.REG, Group.BASE64),
    ST8(0x72, Kind.ST, null, 8, Operand.IMM, Group.BASE32),
    ST16(0x6a, Kind.ST, null, 16, Operand.IMM, Group.BASE32),
    ST32(0x62, Kind.ST, null, 32, Operand.IMM, Group.BASE32),
    ST64(0x7a, Kind.ST, null, 64, Operand.IMM, Group.BASE64),
    STX8(0x73, Kind.STX, null, 8, Operand.REG, Group.BASE32),
    STX16(0x6b, Kind.STX, null, 16, Operand.REG, Group.BASE32),
    STX32(0x63, Kind.STX, null, 32, Operand.REG, Group.BASE32),
    STX64(0x7b, Kind.STX, null, 64, Operand.REG, Group.BASE64),

    // atomic operations, RFC 9669 section 5.3; the immediate is the operation
    ATOMIC32_ADD(0xc3, Kind.ATOMIC, Atomic.ADD, 32, Operand.REG, Group.ATOMIC32, imm(0x00)),
    ATOMIC32_OR(0xc3, Kind.ATOMIC, Atomic.OR, 32, Operand.REG, Group.ATOMIC32, imm(0x40)),
    ATOMIC32_AND(0xc3, Kind.ATOMIC, Atomic.AND, 32, Operand.REG, Group.ATOMIC32, imm(0x50)),
    ATOMIC32_XOR(0xc3, Kind.ATOMIC, Atomic.XOR, 32, Operand.REG, Group.ATOMIC32, imm(0xa0)),
    ATOMIC32_FETCH_ADD(
            0xc3, Kind.ATOMIC, Atomic.FETCH_ADD, 32, Operand.REG, Group.ATOMIC32, imm(0x01)),
    ATOMIC32_FETCH_OR(
            0xc3, Kind.ATOMIC, Atomic.FETCH_OR, 32, Operand.REG, Group.ATOMIC32, imm(0x41)),
    ATOMIC32_FETCH_AND(
            0xc3, Kind.ATOMIC, Atomic.FETCH_AND, 32, Operand.REG, Group.ATOMIC32, imm(0x51)),
    ATOMIC32_FETCH_XOR(
            0xc3, Kind.ATOMIC, Atomic.FETCH_XOR, 32, Operand.REG, Group.ATOMIC32, imm(0xa1)),
    ATOMIC32_XCHG(0xc3, Kind.ATOMIC, Atomic.XCHG, 32, Operand.REG, Group.ATOMIC32, imm(0xe1)),
    ATOMIC32_CMPXCHG(0xc3, Kind.ATOMIC, Atomic.CMPXCHG, 32, Operand.REG, Group.ATOMIC32, imm(0xf1)),
    ATOMIC64_ADD(0xdb, Kind.ATOMIC, Atomic.ADD, 64, Operand.REG, Group.ATOMIC64, imm(0x00)),
    ATOMIC64_OR(0xdb, Kind.ATOMIC, Atomic.OR, 64, Operand.REG, Group.ATOMIC64, imm(0x40)),
    ATOMIC64_AND(0xdb, Kind.ATOMIC, Atomic.AND, 64, Operand.REG, Group.ATOMIC64, imm(0x50)),
    ATOMIC64_XOR(0xdb, Kind.ATOMIC, Atomic.XOR, 64, Operand.REG, Group.ATOMIC64, imm(0xa0)),
    ATOMIC64_FETCH_ADD(
            0xdb, Kind.ATOMIC, Atomic.FETCH_ADD, 64, Operand.REG, Group.ATOMIC64, imm(0x01)),
    ATOMIC64_FETCH_OR(
            0xdb, Kind.ATOMIC, Atomic.FETCH_OR, 64, Operand.REG, Group.ATOMIC64, imm(0x41)),
    ATOMIC64_FETCH_AND(
            0xdb, Kind.ATOMIC, Atomic.FETCH_AND, 64, Operand.REG, Group.ATOMIC64, imm(0x51)),
    ATOMIC64_FETCH_XOR(
            0xdb, Kind.ATOMIC, Atomic.FETCH_XOR, 64, Operand.REG, Group.ATOMIC64, imm(0xa1)),
    ATOMIC64_XCHG(0xdb, Kind.ATOMIC, Atomic.XCHG, 64, Operand.REG, Group.ATOMIC64, imm(0xe1)),
    ATOMIC64_CMPXCHG(0xdb, Kind.ATOMIC, Atomic.CMPXCHG, 64, Operand.REG, Group.ATOMIC64, imm(0xf1)),
    LOAD_ACQ8(0xd3, Kind.LOAD_ACQUIRE, null, 8, Operand.REG, Group.LINUX, imm(0x100)),
    LOAD_ACQ16(0xcb, Kind.LOAD_ACQUIRE, null, 16, Operand.REG, Group.LINUX, imm(0x100)),
    LOAD_ACQ32(0xc3, Kind.LOAD_ACQUIRE, null, 32, Operand.REG, Group.LINUX, imm(0x100)),
    LOAD_ACQ64(0xdb, Kind.LOAD_ACQUIRE, null, 64, Operand.REG, Group.LINUX, imm(0x100)),
    STORE_REL8(0xd3, Kind.STORE_RELEASE, null, 8, Operand.REG, Group.LINUX, imm(0x110)),
    STORE_REL16(0xcb, Kind.STORE_RELEASE, null, 16, Operand.REG, Group.LINUX, imm(0x110)),
    STORE_REL32(0xc3, Kind.STORE_RELEASE, null, 32, Operand.REG, Group.LINUX, imm(0x110)),
    STORE_REL64(0xdb, Kind.STORE_RELEASE, null, 64, Operand.REG, Group.LINUX, imm(0x110)),

    // 64-bit immediates, RFC 9669 section 5.4; src says what the immediate means
    LDDW(0x18, Kind.LDDW, null, 64, Operand.IMM, Group.BASE64),

    // packet access, RFC 9669 section 5.5
    LD_ABS8(0x30, Kind.LD_ABS, null, 8, Operand.IMM, Group.PACKET),
    LD_ABS16(0x28, Kind.LD_ABS, null, 16, Operand.IMM, Group.PACKET),
    LD_ABS32(0x20, Kind.LD_ABS, null, 32, Operand.IMM, Group.PACKET),
    LD_IND8(0x50, Kind.LD_IND, null, 8, Operand.REG, Group.PACKET),
    LD_IND16(0x48, Kind.LD_IND, null, 16, Operand.REG, Group.PACKET),
    LD_IND32(0x40, Kind.LD_IND, null, 32, Operand.REG, Group.PACKET);

    /** The shape of an operation: which operands it takes and what it does to control flow. */
    public enum Kind {
        ALU(Field.DST),
        ADDR_SPACE_CAST(Field.DST | Field.IMM),
        JA(Field.OFF),
        JA32(Field.IMM),
        JCC(Field.DST | Field.OFF),
        MAY_GOTO(Field.OFF),
        CALL_HELPER(0),
        CALL_SUBPROG(0),
        CALL_KFUNC(Field.OFF),
        CALLX(Field.DST),
        EXIT(0),
        LDX(Field.DST | Field.OFF),
        LDSX(Field.DST | Field.OFF),
        ST(Field.DST | Field.OFF),
        STX(Field.DST | Field.OFF),
        ATOMIC(Field.DST | Field.OFF),
        LOAD_ACQUIRE(Field.DST | Field.OFF),
        STORE_RELEASE(Field.DST | Field.OFF),
        LDDW(Field.DST | Field.SRC),
        LD_ABS(0),
        LD_IND(Field.IMM);

        /** The fields it uses besides that of its {@link Operand}. */
        private final int fields;

        Kind(int fields) {
            this.fields = fields;
        }
    }

    /** What an operation of kind {@link Kind#ALU} computes, a subset of {@link Operation}. */
    public enum Alu implements Operation {
        ADD,
        SUB,
        MUL,
        DIV,
        SDIV,
        OR,
        AND,
        LSH,
        RSH,
        NEG,
        MOD,
        SMOD,
        XOR,
        MOV,
        MOVSX8,
        MOVSX16,
        MOVSX32,
        ARSH,
        LE,
        BE,
        BSWAP
    }

    /** The condition of a {@link Kind#JCC}. */
    public enum Jump implements Operation {
        JEQ,
        JGT,
        JGE,
        JSET,
        JNE,
        JSGT,
        JSGE,
        JLT,
        JLE,
        JSLT,
        JSLE
    }

    /** The operation of a {@link Kind#ATOMIC}. */
    public enum Atomic implements Operation {
        ADD,
        OR,
        AND,
        XOR,
        FETCH_ADD,
        FETCH_OR,
        FETCH_AND,
        FETCH_XOR,
        XCHG,
        CMPXCHG
    }

    /** Common name of {@link Alu}, {@link Jump} and {@link Atomic}. */
    public sealed interface Operation permits Alu, Jump, Atomic {}

    /** Where the second operand comes from. */
    public enum Operand {
        NONE(0),
        IMM(Field.IMM),
        REG(Field.SRC);

        private final int field;

        Operand(int field) {
            this.field = field;
        }
    }

    /**
     * Conformance group (RFC 9669 section 2.4); {@code LINUX} is what the kernel adds to the
     * standard.
     */
    public enum Group {
        BASE32,
        BASE64,
        DIVMUL32,
        DIVMUL64,
        ATOMIC32,
        ATOMIC64,
        PACKET,
        LINUX
    }

    /** The field that tells rows of the same code byte apart. */
    enum Selector {
        NONE,
        OFF,
        IMM,
        SRC
    }

    /** Bits of the fields that an operation uses. */
    static final class Field {
        static final int DST = 1;
        static final int SRC = 2;
        static final int OFF = 4;
        static final int IMM = 8;

        private Field() {}
    }

    private record Match(Selector field, int value) {
        static final Match NONE = new Match(Selector.NONE, 0);
    }

    private final int code;
    private final Kind kind;

    // a constant of another enum
    @SuppressWarnings("ImmutableEnumChecker")
    private final Operation operation;

    private final int bits;
    private final Operand operand;
    private final Group group;

    // a record of an enum and a number
    @SuppressWarnings("ImmutableEnumChecker")
    private final Match match;

    Opcode(int code, Kind kind, Operation operation, int bits, Operand operand, Group group) {
        this(code, kind, operation, bits, operand, group, Match.NONE);
    }

    Opcode(
            int code,
            Kind kind,
            Operation operation,
            int bits,
            Operand operand,
            Group group,
            Match match) {
        this.code = code;
        this.kind = kind;
        this.operation = operation;
        this.bits = bits;
        this.operand = operand;
        this.group = group;
        this.match = match;
    }

    private static Match off(int value) {
        return new Match(Selector.OFF, value);
    }

    private static Match imm(int value) {
        return new Match(Selector.IMM, value);
    }

    private static Match src(int value) {
        return new Match(Selector.SRC, value);
    }

    /** The code byte of the encoding. */
    public int code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }

    /** The arithmetic, comparison or atomic operation, or {@code null} for the other kinds. */
    public Operation operation() {
        return operation;
    }

    /** Width of the operation (or of the memory access) in bits: 8, 16, 32 or 64. */
    public int bits() {
        return bits;
    }

    public Operand operand() {
        return operand;
    }

    public Group group() {
        return group;
    }

    boolean uses(int field) {
        return ((kind.fields | operand.field) & field) != 0;
    }

    Selector selector() {
        return match.field;
    }

    int selectorValue() {
        return match.value;
    }

    private static final Opcode[][] BY_CODE = byCode();

    private static Opcode[][] byCode() {
        List<List<Opcode>> lists = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            lists.add(new ArrayList<>());
        }
        for (Opcode row : values()) {
            lists.get(row.code).add(row);
        }
        return lists.stream().map(list -> list.toArray(Opcode[]::new)).toArray(Opcode[][]::new);
    }

    /** The rows of a code byte, none for an unknown one. */
    static Opcode[] rows(int code) {
        return BY_CODE[code & 0xff];
    }

    /** The row that an encoding stands for by its code and selector field, or {@code null}. */
    public static Opcode find(int code, int src, int off, int imm) {
        for (Opcode row : rows(code)) {
            boolean matches =
                    switch (row.match.field) {
                        case OFF -> off == row.match.value;
                        case IMM -> imm == row.match.value;
                        case SRC -> src == row.match.value;
                        case NONE -> !isSelectedElsewhere(row, off);
                    };
            if (matches) {
                return row;
            }
        }
        return null;
    }

    /**
     * A row without selector shares its code byte only with rows selected by the offset (div, mod,
     * mov).
     */
    private static boolean isSelectedElsewhere(Opcode row, int off) {
        for (Opcode other : rows(row.code)) {
            if (other.match.field == Selector.OFF && other.match.value == off) {
                return true;
            }
        }
        return false;
    }
}
