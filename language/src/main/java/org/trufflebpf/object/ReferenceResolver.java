package org.trufflebpf.object;

import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.elf.ElfRelocation;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.elf.GnuAddends;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;

import java.util.HashMap;
import java.util.Map;

/**
 * Turns relocations of instructions into references. Kinds of relocation (R_BPF_64_64 and others)
 * are not told apart: the instruction and the symbol's section say all, as for libbpf.
 */
final class ReferenceResolver {
    /** {@code BPF_PSEUDO_FUNC}: lddw of a function's address. */
    private static final int PSEUDO_FUNC = 4;

    private final ObjectFile file;
    private final MapTable maps;
    private final FunctionTable functions;
    private final boolean gnuAddends;
    private final Map<Integer, Map<Integer, ElfRelocation>> relocations = new HashMap<>();

    ReferenceResolver(ObjectFile file, MapTable maps, FunctionTable functions) {
        this.file = file;
        this.maps = maps;
        this.functions = functions;
        this.gnuAddends = GnuAddends.in(file.elf);
    }

    /**
     * What an instruction refers to, or {@code null}; {@code insn} is indexed from the start of its
     * function.
     */
    Reference resolve(Function function, Insn insn) {
        int slot = function.start() + insn.index();
        ElfRelocation relocation = bySlot(function.section()).get(slot);
        Opcode.Kind kind = insn.opcode().kind();
        if (relocation == null) {
            return switch (kind) {
                case CALL_SUBPROG -> localCall(function, insn);
                case LDDW -> {
                    if (insn.src() == PSEUDO_FUNC) {
                        throw fail(function, insn, "missing subprog addr relo");
                    }
                    yield null;
                }
                default -> null;
            };
        }
        ElfSymbol symbol = relocation.symbol();
        boolean call =
                kind == Opcode.Kind.CALL_SUBPROG
                        || kind == Opcode.Kind.CALL_HELPER
                        || kind == Opcode.Kind.CALL_KFUNC;
        if (!call && kind != Opcode.Kind.LDDW) {
            throw fail(
                    function,
                    insn,
                    "invalid relo against '"
                            + file.describe(symbol)
                            + "', expected a call or lddw");
        }
        if (symbol.isExtern()) {
            return extern(symbol);
        }
        if (!symbol.isDefined()) {
            throw fail(
                    function,
                    insn,
                    "invalid relo against '"
                            + symbol.name()
                            + "' in special section 0x"
                            + Integer.toHexString(symbol.section())
                            + "; forgot to initialize global var?");
        }
        ElfSection section = file.sectionOf(symbol);
        if (section.isCode()) {
            return new Reference.ToFunction(
                    function(
                            function,
                            insn,
                            section,
                            symbol.value() + addend(relocation, insn, call)));
        }
        Reference found = call ? null : maps.find(symbol, addend(relocation, insn, false));
        if (found == null) {
            throw fail(
                    function,
                    insn,
                    "bad relo against '"
                            + file.describe(symbol)
                            + "' in section '"
                            + section.name()
                            + "', expected "
                            + (call ? "a function" : "a map, a global variable or a function"));
        }
        return found;
    }

    private long addend(ElfRelocation relocation, Insn insn, boolean call) {
        return relocation.addend()
                + GnuAddends.behind(relocation.symbol(), insn.imm(), call, gnuAddends);
    }

    private Reference localCall(Function function, Insn insn) {
        long slot = (long) function.start() + insn.index() + 1 + insn.imm();
        return new Reference.ToFunction(
                function(function, insn, function.section(), slot * Function.SLOT));
    }

    private Function function(Function from, Insn insn, ElfSection section, long offset) {
        Function target =
                offset % Function.SLOT == 0 ? functions.at(section, offset / Function.SLOT) : null;
        if (target == null) {
            throw fail(
                    from,
                    insn,
                    "no function begins at offset "
                            + offset
                            + " of section '"
                            + section.name()
                            + "', which is called here");
        }
        return target;
    }

    private Reference extern(ElfSymbol symbol) {
        for (KconfigVar variable : file.kconfig) {
            if (variable.name().equals(symbol.name())) {
                return new Reference.ToValue(maps.byName(".kconfig"), variable.offset());
            }
        }
        int type = file.externType(symbol.name());
        boolean function = type != 0 && file.btf.kind(type) == BtfKind.FUNC;
        return new Reference.ToExtern(
                symbol.name(), symbol.bind() == ElfSymbol.WEAK, type, function);
    }

    private Map<Integer, ElfRelocation> bySlot(ElfSection section) {
        return relocations.computeIfAbsent(
                section.index(),
                index -> {
                    Map<Integer, ElfRelocation> bySlot = new HashMap<>();
                    for (ElfRelocation relocation : file.relocations(section)) {
                        if (relocation.offset() % Function.SLOT != 0) {
                            throw BpfException.malformed(
                                    file.where(section),
                                    "relocation at offset "
                                            + relocation.offset()
                                            + ", expected a multiple of "
                                            + Function.SLOT);
                        }
                        bySlot.putIfAbsent((int) (relocation.offset() / Function.SLOT), relocation);
                    }
                    return bySlot;
                });
    }

    private BpfException fail(Function function, Insn insn, String message) {
        Where where = file.where(function.section()).inProgram(function.name());
        return BpfException.malformed(where.at(insn.index(), null), message);
    }
}
