package org.trufflebpf.insn;

import org.trufflebpf.insn.Disassembler.Cpu;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * A listing of instructions in the layout of {@code llvm-objdump -d}, or {@code -S} with source
 * lines: a head for each symbol, then index, bytes and text of each instruction, the target's
 * symbol behind a jump.
 *
 * <pre>
 * 0000000000000000 &lt;f&gt;:
 * ; return x == 5;
 *        0:	b7 00 00 00 01 00 00 00	r0 = 0x1
 *        1:	15 01 01 00 05 00 00 00	if r1 == 0x5 goto +0x1 &lt;f+0x18&gt;
 * </pre>
 *
 * @param insns in rising order of index
 * @param labels the symbol at a slot, or {@code null}; asked for the slots of the listing
 * @param source the C source text that begins at a slot, or {@code null}
 * @param names what to show as a comment behind an instruction
 * @param order the byte order of the bytes column
 * @param cpu whose register names to use
 */
public record Listing(
        List<Insn> insns,
        IntFunction<String> labels,
        IntFunction<String> source,
        OperandNames names,
        ByteOrder order,
        Cpu cpu) {

    public Listing {
        insns = List.copyOf(insns);
    }

    /** A little-endian listing without symbols, source lines or comments. */
    public static Listing of(List<Insn> insns) {
        return new Listing(
                insns,
                slot -> null,
                slot -> null,
                OperandNames.NONE,
                ByteOrder.LITTLE_ENDIAN,
                Cpu.DEFAULT);
    }

    public Listing withLabels(IntFunction<String> newLabels) {
        return new Listing(insns, newLabels, source, names, order, cpu);
    }

    public Listing withSource(IntFunction<String> newSource) {
        return new Listing(insns, labels, newSource, names, order, cpu);
    }

    public Listing withNames(OperandNames newNames) {
        return new Listing(insns, labels, source, newNames, order, cpu);
    }

    public Listing withOrder(ByteOrder newOrder) {
        return new Listing(insns, labels, source, names, newOrder, cpu);
    }

    public Listing withCpu(Cpu newCpu) {
        return new Listing(insns, labels, source, names, order, newCpu);
    }

    /** What stands above the listing of a section. */
    public static String sectionHead(String section) {
        return "\nDisassembly of section " + section + ":\n";
    }

    /** The lines of the listing, each with its end. */
    public String text() {
        TreeMap<Integer, String> symbols = new TreeMap<>();
        for (Insn insn : insns) {
            String label = labels.apply(insn.index());
            if (label != null) {
                symbols.put(insn.index(), label);
            }
        }
        StringBuilder out = new StringBuilder();
        for (Insn insn : insns) {
            append(out, insn, symbols);
        }
        return out.toString();
    }

    private void append(StringBuilder out, Insn insn, TreeMap<Integer, String> symbols) {
        String label = symbols.get(insn.index());
        if (label != null) {
            out.append("\n%016x <%s>:\n".formatted((long) insn.index() * Insn.SLOT_BYTES, label));
        }
        String line = source.apply(insn.index());
        if (line != null) {
            out.append("; ").append(line).append('\n');
        }
        byte[] bytes = InsnEncoder.encode(insn, order);
        out.append("%8d:\t".formatted(insn.index()))
                .append(Disassembler.hex(bytes, 0, bytes.length))
                .append('\t')
                .append(Disassembler.text(insn, cpu))
                .append(target(insn, symbols));
        String name = names.name(insn);
        if (name != null) {
            out.append("  # ").append(name);
        }
        out.append('\n');
    }

    /** The last symbol that is not behind the target, and the distance from it in bytes. */
    private static String target(Insn insn, TreeMap<Integer, String> symbols) {
        switch (insn.opcode().kind()) {
            case JA, JCC, MAY_GOTO, JA32 -> {}
            default -> {
                return "";
            }
        }
        int distance = insn.opcode().kind() == Opcode.Kind.JA32 ? insn.imm() : insn.off();
        long target = (long) insn.next() + distance;
        // an address is unsigned: one below zero is behind everything
        int key = Math.clamp(target, Integer.MIN_VALUE, Integer.MAX_VALUE);
        Map.Entry<Integer, String> symbol =
                target < 0 ? symbols.lastEntry() : symbols.floorEntry(key);
        if (symbol == null) {
            return "";
        }
        long offset = (target - symbol.getKey()) * Insn.SLOT_BYTES;
        return " <"
                + symbol.getValue()
                + (offset == 0 ? "" : "+0x" + Long.toHexString(offset))
                + ">";
    }
}
