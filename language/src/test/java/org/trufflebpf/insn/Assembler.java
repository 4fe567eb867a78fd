package org.trufflebpf.insn;

import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.helper.HelperTable;
import org.trufflebpf.insn.Asm.Reg;
import org.trufflebpf.insn.Opcode.Alu;
import org.trufflebpf.insn.Opcode.Atomic;
import org.trufflebpf.insn.Opcode.Jump;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.insn.Opcode.Operand;
import org.trufflebpf.insn.Opcode.Operation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads programs as {@link Disassembler} writes them, with names where that has numbers.
 *
 * <p>One instruction in a line, or several with {@code ;} between; {@code #} begins a comment.
 * {@code name:} is a label, {@code func name(...):} and {@code global name(...):} begin functions;
 * jumps go to labels. Further: {@code r1 = map m}, {@code r1 = mapvalue m+4}, {@code r1 = func f},
 * {@code call f}, where {@code f} is a function of the program, else a helper (with {@code bpf_}),
 * else a kernel function.
 */
public final class Assembler {
    private static final String REG = "([rw]\\d+)";
    private static final String ADDRESS = "\\((r\\d+) *([+-][ -]*\\w+)?\\)";
    private static final Pattern SPACE = Pattern.compile("\\s+");
    private static final Pattern FUNCTION = Pattern.compile("(func|global) (\\w+)\\((.*)\\):");
    private static final Pattern LABEL = Pattern.compile("(\\w+):");
    private static final Pattern LABELLED = Pattern.compile("(\\w+:) (.+)");
    private static final Pattern LDDW = Pattern.compile(REG + " = (\\S+) ll");
    private static final Pattern MAP = Pattern.compile(REG + " = map (\\w+)");
    private static final Pattern MAP_VALUE = Pattern.compile(REG + " = mapvalue (\\w+)\\+(\\d+)");
    private static final Pattern ADDRESS_OF = Pattern.compile(REG + " = func (\\w+)");
    private static final Pattern LOAD =
            Pattern.compile(REG + " = \\*\\(([us]\\d+) \\*\\)" + ADDRESS);
    private static final Pattern STORE =
            Pattern.compile("\\*\\(u(\\d+) \\*\\)" + ADDRESS + " = (\\S+)");
    private static final Pattern PACKET =
            Pattern.compile("r0 = \\*\\(u(\\d+) \\*\\)skb\\[(?:(r\\d+)(?: \\+ )?)?(\\w+)?\\]");
    private static final Pattern LOCK =
            Pattern.compile("lock \\*\\(u(\\d+) \\*\\)" + ADDRESS + " (\\S+) " + REG);
    private static final Pattern FETCH =
            Pattern.compile(
                    REG
                            + " = atomic_fetch_(\\w+)\\(\\(u(\\d+) \\*\\)"
                            + ADDRESS
                            + ", "
                            + REG
                            + "\\)");
    private static final Pattern EXCHANGE =
            Pattern.compile(
                    REG
                            + " = (cmpxchg|xchg)(?:_|32_)(\\d+)\\((r\\d+) *([+-][ -]*\\w+)?(?:,"
                            + " [rw]0)?, "
                            + REG
                            + "\\)");
    private static final Pattern ACQUIRE =
            Pattern.compile(REG + " = load_acquire\\(\\(u(\\d+) \\*\\)" + ADDRESS + "\\)");
    private static final Pattern RELEASE =
            Pattern.compile("store_release\\(\\(u(\\d+) \\*\\)" + ADDRESS + ", " + REG + "\\)");
    private static final Pattern NEGATE = Pattern.compile(REG + " = -" + REG);
    private static final Pattern EXTEND = Pattern.compile(REG + " = \\(s(\\d+)\\) ?" + REG);
    private static final Pattern SWAP = Pattern.compile(REG + " = (le|be|bswap)(\\d+) " + REG);
    private static final Pattern ARITHMETIC = Pattern.compile(REG + " (\\S*=) (\\S+)");
    private static final Pattern CONDITION =
            Pattern.compile("if " + REG + " (\\S+) (\\S+) goto (\\S+)");
    private static final Pattern JUMP = Pattern.compile("(goto|gotol|may_goto) (\\S+)");
    private static final Pattern CALL = Pattern.compile("call (\\w+)");

    /** A function: where it begins, and its parameters as they were written. */
    public record Function(String name, int start, boolean global, List<String> parameters) {}

    /**
     * A program.
     *
     * @param functions the main function first
     * @param kfuncs names of the kernel functions that are called, by index of the instruction
     */
    public record Result(List<Insn> insns, List<Function> functions, Map<Integer, String> kfuncs) {}

    private final Asm asm = Asm.program();
    private final List<Function> functions = new ArrayList<>();
    private final Map<Integer, String> kfuncs = new HashMap<>();
    private final List<String> maps;
    private final List<String> lines = new ArrayList<>();

    /** The groups of the form that fitted last, see {@link #is}. */
    private Matcher match;

    private Assembler(String text, List<String> maps) {
        this.maps = maps;
        for (String line : text.split("\n")) {
            for (String part : line.replaceFirst("#.*", "").split(";")) {
                String clean = SPACE.matcher(part.strip()).replaceAll(" ");
                Matcher labelled = LABELLED.matcher(clean);
                if (labelled.matches()) {
                    lines.add(labelled.group(1));
                    clean = labelled.group(2);
                }
                if (!clean.isEmpty()) {
                    lines.add(clean);
                }
            }
        }
    }

    /**
     * Reads a program.
     *
     * @param maps names of the maps, by index
     */
    public static Result assemble(String text, List<String> maps) {
        Assembler assembler = new Assembler(text, maps);
        assembler.functions.add(new Function("main", 0, true, List.of()));
        List<String> names = new ArrayList<>();
        for (String line : assembler.lines) {
            Matcher function = FUNCTION.matcher(line);
            if (function.matches()) {
                names.add(function.group(2));
            }
        }
        for (String line : assembler.lines) {
            if (!assembler.flow(line, names)
                    && !assembler.memory(line)
                    && !assembler.atomic(line)
                    && !assembler.arithmetic(line)) {
                throw new IllegalArgumentException("no instruction: " + line);
            }
        }
        return new Result(assembler.asm.insns(), assembler.functions, assembler.kfuncs);
    }

    private boolean is(Pattern form, String line) {
        match = form.matcher(line);
        return match.matches();
    }

    private boolean flow(String line, List<String> names) {
        if (is(FUNCTION, line)) {
            List<String> parameters =
                    match.group(3).isBlank() ? List.of() : List.of(match.group(3).split(", *"));
            functions.add(
                    new Function(
                            match.group(2),
                            asm.slots(),
                            match.group(1).equals("global"),
                            parameters));
            asm.label(match.group(2));
        } else if (is(LABEL, line)) {
            asm.label(match.group(1));
        } else if (line.equals("exit")) {
            asm.exit();
        } else if (is(JUMP, line)) {
            Opcode row =
                    switch (match.group(1)) {
                        case "goto" -> Opcode.JA;
                        case "gotol" -> Opcode.JA32;
                        default -> Opcode.MAY_GOTO;
                    };
            jump(match.group(2), row, 0, 0, 0);
        } else if (is(CONDITION, line)) {
            Operand operand = isReg(match.group(3)) ? Operand.REG : Operand.IMM;
            Opcode row = row(Kind.JCC, condition(match.group(2)), bits(match.group(1)), operand);
            boolean reg = operand == Operand.REG;
            jump(
                    match.group(4),
                    row,
                    number(match.group(1)),
                    reg ? number(match.group(3)) : 0,
                    reg ? 0 : imm(match.group(3)));
        } else if (is(CALL, line)) {
            call(match.group(1), names);
        } else {
            return false;
        }
        return true;
    }

    private void jump(String target, Opcode row, int dst, int src, int imm) {
        if (target.matches("[+-].*")) {
            int distance = imm(target);
            boolean wide = row == Opcode.JA32;
            asm.op(row, dst, src, wide ? 0 : distance, wide ? distance : imm);
        } else {
            asm.to(target, row, dst, src, imm);
        }
    }

    private void call(String name, List<String> names) {
        if (names.contains(name)) {
            asm.callSubprog(name);
            return;
        }
        if (name.matches("\\d+")) {
            asm.call(Integer.parseInt(name));
            return;
        }
        for (HelperRow row : HelperTable.rows()) {
            if (name.equals("bpf_" + row.name())) {
                asm.call(row.number());
                return;
            }
        }
        kfuncs.put(asm.slots(), name);
        asm.callKfunc(0, 0);
    }

    private boolean memory(String line) {
        if (is(LDDW, line)) {
            asm.lddw(reg(match.group(1)), imm64(match.group(2)));
        } else if (is(MAP, line)) {
            asm.lddw(reg(match.group(1)), 1, map(match.group(2)), 0);
        } else if (is(MAP_VALUE, line)) {
            asm.lddw(reg(match.group(1)), 2, map(match.group(2)), imm(match.group(3)));
        } else if (is(ADDRESS_OF, line)) {
            asm.lddwFunction(reg(match.group(1)), match.group(2));
        } else if (is(LOAD, line)) {
            int bits = Integer.parseInt(match.group(2).substring(1));
            if (match.group(2).charAt(0) == 's') {
                asm.ldsx(bits, reg(match.group(1)), reg(match.group(3)), off(match.group(4)));
            } else {
                asm.ldx(bits, reg(match.group(1)), reg(match.group(3)), off(match.group(4)));
            }
        } else if (is(STORE, line)) {
            int bits = Integer.parseInt(match.group(1));
            if (isReg(match.group(4))) {
                asm.stx(bits, reg(match.group(2)), off(match.group(3)), reg(match.group(4)));
            } else {
                asm.st(bits, reg(match.group(2)), off(match.group(3)), imm(match.group(4)));
            }
        } else if (is(PACKET, line)) {
            int bits = Integer.parseInt(match.group(1));
            int imm = match.group(3) == null ? 0 : imm(match.group(3));
            if (match.group(2) == null) {
                asm.ldAbs(bits, imm);
            } else {
                asm.ldInd(bits, reg(match.group(2)), imm);
            }
        } else {
            return false;
        }
        return true;
    }

    private boolean atomic(String line) {
        if (is(LOCK, line)) {
            Atomic operation =
                    switch (match.group(4)) {
                        case "+=" -> Atomic.ADD;
                        case "|=" -> Atomic.OR;
                        case "&=" -> Atomic.AND;
                        case "^=" -> Atomic.XOR;
                        default -> throw new IllegalArgumentException(line);
                    };
            atomic(operation, match.group(1), match.group(2), match.group(3), match.group(5));
        } else if (is(FETCH, line)) {
            Atomic operation = Atomic.valueOf("FETCH_" + match.group(2).toUpperCase(Locale.ROOT));
            atomic(operation, match.group(3), match.group(4), match.group(5), match.group(6));
        } else if (is(EXCHANGE, line)) {
            Atomic operation = match.group(2).equals("xchg") ? Atomic.XCHG : Atomic.CMPXCHG;
            atomic(operation, match.group(3), match.group(4), match.group(5), match.group(6));
        } else if (is(ACQUIRE, line)) {
            asm.loadAcquire(
                    Integer.parseInt(match.group(2)),
                    reg(match.group(1)),
                    reg(match.group(3)),
                    off(match.group(4)));
        } else if (is(RELEASE, line)) {
            asm.storeRelease(
                    Integer.parseInt(match.group(1)),
                    reg(match.group(2)),
                    off(match.group(3)),
                    reg(match.group(4)));
        } else {
            return false;
        }
        return true;
    }

    private void atomic(Atomic operation, String bits, String base, String off, String src) {
        asm.atomic(operation, Integer.parseInt(bits), reg(base), off(off), reg(src));
    }

    private boolean arithmetic(String line) {
        if (is(NEGATE, line)) {
            asm.op(
                    row(Kind.ALU, Alu.NEG, bits(match.group(1)), Operand.NONE),
                    number(match.group(1)),
                    0,
                    0,
                    0);
        } else if (is(EXTEND, line)) {
            int width = Integer.parseInt(match.group(2));
            if (bits(match.group(1)) == 64) {
                asm.movsx64(reg(match.group(1)), reg(match.group(3)), width);
            } else {
                asm.movsx32(reg(match.group(1)), reg(match.group(3)), width);
            }
        } else if (is(SWAP, line)) {
            int width = Integer.parseInt(match.group(3));
            switch (match.group(2)) {
                case "le" -> asm.le(reg(match.group(1)), width);
                case "be" -> asm.be(reg(match.group(1)), width);
                default -> asm.bswap(reg(match.group(1)), width);
            }
        } else if (is(ARITHMETIC, line)) {
            boolean reg = isReg(match.group(3));
            Opcode row =
                    row(
                            Kind.ALU,
                            alu(match.group(2)),
                            bits(match.group(1)),
                            reg ? Operand.REG : Operand.IMM);
            Insn insn =
                    Insn.of(
                            row,
                            number(match.group(1)),
                            reg ? number(match.group(3)) : 0,
                            0,
                            reg ? 0 : imm(match.group(3)));
            asm.insn(insn);
        } else {
            return false;
        }
        return true;
    }

    private int map(String name) {
        int index = maps.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no map " + name);
        }
        return index;
    }

    private static Opcode row(Kind kind, Operation operation, int bits, Operand operand) {
        for (Opcode row : Opcode.values()) {
            if (row.kind() == kind
                    && row.operation() == operation
                    && row.bits() == bits
                    && row.operand() == operand) {
                return row;
            }
        }
        throw new IllegalArgumentException("no row " + kind + " " + operation + " " + bits);
    }

    private static Jump condition(String sign) {
        for (Jump jump : Jump.values()) {
            if (Disassembler.sign(jump).equals(sign)) {
                return jump;
            }
        }
        throw new IllegalArgumentException("no condition " + sign);
    }

    private static Alu alu(String sign) {
        return switch (sign) {
            case "=" -> Alu.MOV;
            case "+=" -> Alu.ADD;
            case "-=" -> Alu.SUB;
            case "*=" -> Alu.MUL;
            case "/=" -> Alu.DIV;
            case "s/=" -> Alu.SDIV;
            case "%=" -> Alu.MOD;
            case "s%=" -> Alu.SMOD;
            case "|=" -> Alu.OR;
            case "&=" -> Alu.AND;
            case "^=" -> Alu.XOR;
            case "<<=" -> Alu.LSH;
            case ">>=" -> Alu.RSH;
            case "s>>=" -> Alu.ARSH;
            default -> throw new IllegalArgumentException("no operation " + sign);
        };
    }

    private static boolean isReg(String text) {
        return text.matches("[rw]\\d+");
    }

    private static int bits(String reg) {
        return reg.charAt(0) == 'r' ? 64 : 32;
    }

    private static int number(String reg) {
        return Integer.parseInt(reg.substring(1));
    }

    private static Reg reg(String name) {
        return Reg.values()[number(name)];
    }

    private static int off(String text) {
        return text == null ? 0 : imm(text.replace(" ", "").replace("+-", "-"));
    }

    private static int imm(String text) {
        long value = imm64(text);
        if (value != (int) value && value >>> 32 != 0) {
            throw new IllegalArgumentException("not 32 bits: " + text);
        }
        return (int) value;
    }

    private static long imm64(String text) {
        boolean negative = text.startsWith("-");
        String digits = text.replaceFirst("^[+-]", "");
        long value =
                digits.startsWith("0x")
                        ? Long.parseUnsignedLong(digits.substring(2), 16)
                        : Long.parseUnsignedLong(digits);
        return negative ? -value : value;
    }
}
