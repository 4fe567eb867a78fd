package org.trufflebpf.object;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;

import java.util.ArrayList;
import java.util.List;

/**
 * The machines whose registers probes read, one row each: the structure that {@code bpf_tracing.h}
 * takes them from, where in it the calling convention has arguments and result. An object does not
 * name its machine, as its code is BPF's; the structure in its BTF gives it away.
 */
public enum Architecture {
    X86_64(
            "pt_regs",
            168,
            8,
            "r15:0 r14:8 r13:16 r12:24 bp:32 bx:40 r11:48 r10:56 r9:64 r8:72 ax:80 cx:88 dx:96"
                    + " si:104 di:112 orig_ax:120 ip:128 cs:136 flags:144 sp:152 ss:160",
            "di",
            new int[] {112, 104, 96, 88, 72, 64},
            80,
            128),
    ARM64(
            "user_pt_regs",
            272,
            8,
            "regs:0*31 sp:248 pc:256 pstate:264",
            "pstate",
            new int[] {0, 8, 16, 24, 32, 40, 48, 56},
            0,
            256),
    RISCV64(
            "user_regs_struct",
            256,
            8,
            "pc:0 ra:8 sp:16 gp:24 tp:32 t0:40 t1:48 t2:56 s0:64 s1:72 a0:80 a1:88 a2:96 a3:104"
                + " a4:112 a5:120 a6:128 a7:136 s2:144 s3:152 s4:160 s5:168 s6:176 s7:184 s8:192"
                + " s9:200 s10:208 s11:216 t3:224 t4:232 t5:240 t6:248",
            "a0",
            new int[] {80, 88, 96, 104, 112, 120, 128, 136},
            80,
            0),
    S390X(
            "user_pt_regs",
            152,
            8,
            "args:0*1 psw:8*2 gprs:24*16",
            "gprs",
            new int[] {40, 48, 56, 64, 72},
            40,
            16),
    POWERPC64(
            "pt_regs",
            352,
            8,
            "gpr:0*32 nip:256 msr:264 orig_gpr3:272 ctr:280 link:288 xer:296 ccr:304 softe:312"
                    + " trap:320 dar:328 dsisr:336 result:344",
            "gpr",
            new int[] {24, 32, 40, 48, 56, 64, 72, 80},
            24,
            256),
    LOONGARCH64(
            "user_pt_regs",
            360,
            8,
            "regs:0*32 orig_a0:256 csr_era:264 csr_badv:272 reserved:280*10",
            "csr_era",
            new int[] {32, 40, 48, 56, 64, 72, 80, 88},
            32,
            264),
    ARM("pt_regs", 72, 4, "uregs:0*18", "uregs", new int[] {0, 4, 8, 12}, 0, 60);

    /** A register, or {@code count} of them. */
    public record Register(String name, int offset, int count) {}

    private final String struct;
    private final int size;
    private final int word;
    private final List<Register> registers;
    private final String mark;
    private final int[] arguments;
    private final int result;
    private final int instruction;

    Architecture(
            String struct,
            int size,
            int word,
            String registers,
            String mark,
            int[] arguments,
            int result,
            int instruction) {
        this.struct = struct;
        this.size = size;
        this.word = word;
        this.registers = parse(registers);
        this.mark = mark;
        this.arguments = arguments;
        this.result = result;
        this.instruction = instruction;
    }

    private static List<Register> parse(String text) {
        List<Register> registers = new ArrayList<>();
        for (String word : text.split(" ")) {
            String[] parts = word.split("[:*]");
            registers.add(
                    new Register(
                            parts[0],
                            Integer.parseInt(parts[1]),
                            parts.length > 2 ? Integer.parseInt(parts[2]) : 0));
        }
        return List.copyOf(registers);
    }

    /** The machine that an object was compiled for: x86-64 where its types do not say. */
    public static Architecture of(ObjectSpec object) {
        if (object.btf() != null) {
            for (Architecture row : values()) {
                if (row.isNamedBy(object.btf())) {
                    return row;
                }
            }
        }
        return X86_64;
    }

    private boolean isNamedBy(Btf btf) {
        for (int id : btf.candidates(struct)) {
            if (btf.kind(id) == BtfKind.STRUCT
                    && btf.type(id) instanceof BtfType.Composite type
                    && type.members().stream().anyMatch(member -> isMark(member.name()))) {
                return true;
            }
        }
        return false;
    }

    /** User space's header for x86-64 puts an r before the names. */
    private boolean isMark(String name) {
        return name.equals(mark) || (this == X86_64 && name.equals("r" + mark));
    }

    /** The C structure of the registers. */
    public String struct() {
        return struct;
    }

    /** Its bytes. */
    public int size() {
        return size;
    }

    /** Bytes of a register. */
    public int word() {
        return word;
    }

    public List<Register> registers() {
        return registers;
    }

    /** How many arguments are in registers. */
    public int arguments() {
        return arguments.length;
    }

    /** Offset of the register with an argument. */
    public int argument(int index) {
        return arguments[index];
    }

    /** Offset of the register with the result. */
    public int result() {
        return result;
    }

    /** Offset of the instruction pointer. */
    public int instruction() {
        return instruction;
    }
}
