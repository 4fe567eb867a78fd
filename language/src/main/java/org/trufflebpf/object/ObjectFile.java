package org.trufflebpf.object;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfExt;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.elf.ByteView;
import org.trufflebpf.elf.ElfFile;
import org.trufflebpf.elf.ElfRelocation;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the readers of this package share while one object is read: the ELF file, its BTF with the
 * places of variables filled in, its externs, and the warnings so far.
 */
final class ObjectFile {
    private static final String KCONFIG = ".kconfig";
    private static final String KSYMS = ".ksyms";

    final ElfFile elf;
    final Btf btf;
    final BtfExt ext;
    final List<KconfigVar> kconfig;
    private final Set<String> warnings = new LinkedHashSet<>();
    private final Map<Integer, List<ElfSection>> relocationSections = new HashMap<>();

    private ObjectFile(ElfFile elf) {
        this.elf = elf;
        for (ElfSection section : elf.sections()) {
            if (section.isRelocation()) {
                relocationSections
                        .computeIfAbsent(section.info(), target -> new ArrayList<>())
                        .add(section);
            }
        }
        ElfSection btfSection = elf.section(".BTF");
        if (btfSection == null || btfSection.size() == 0) {
            btf = null;
            ext = BtfExt.empty();
            kconfig = List.of();
            return;
        }
        Btf plain = Btf.parse(elf.contents(btfSection));
        ElfSection extSection = elf.section(".BTF.ext");
        ext = extSection == null ? BtfExt.empty() : BtfExt.parse(elf.contents(extSection), plain);
        kconfig = KconfigLayout.of(elf, plain);
        btf = plain.withDatasecs(placedDatasecs(plain));
    }

    static ObjectFile open(ElfFile elf) {
        return new ObjectFile(elf);
    }

    Where where(ElfSection section) {
        return elf.where().inSection(section.name());
    }

    void warn(String warning) {
        warnings.add(warning);
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }

    ByteView contents(ElfSection section) {
        return elf.contents(section);
    }

    /** The relocations of a section's bytes. */
    List<ElfRelocation> relocations(ElfSection section) {
        List<ElfRelocation> all = new ArrayList<>();
        for (ElfSection table : relocationSections.getOrDefault(section.index(), List.of())) {
            for (ElfRelocation relocation : elf.relocations(table)) {
                if (relocation.type() == ElfRelocation.R_BPF_NONE) {
                    continue;
                }
                if (Long.compareUnsigned(relocation.offset(), section.size()) >= 0) {
                    throw BpfException.malformed(
                            where(table),
                            "relocation at offset "
                                    + Long.toUnsignedString(relocation.offset())
                                    + " is outside section '"
                                    + section.name()
                                    + "' of "
                                    + section.size()
                                    + " bytes");
                }
                all.add(relocation);
            }
        }
        return all;
    }

    /** The section that a symbol is defined in. */
    ElfSection sectionOf(ElfSymbol symbol) {
        if (!symbol.isDefined() || symbol.section() >= elf.sections().size()) {
            throw BpfException.malformed(
                    elf.where(),
                    "symbol '"
                            + symbol.name()
                            + "' is in section "
                            + symbol.section()
                            + ", expected 1 to "
                            + (elf.sections().size() - 1));
        }
        return elf.sections().get(symbol.section());
    }

    /** The name for messages: that of the section for a section symbol. */
    String describe(ElfSymbol symbol) {
        if (symbol.name().isEmpty()
                && symbol.isDefined()
                && symbol.section() < elf.sections().size()) {
            return elf.sections().get(symbol.section()).name();
        }
        return symbol.name();
    }

    /** BTF type id of an extern variable or function, or 0. */
    int externType(String name) {
        if (btf == null) {
            return 0;
        }
        int function = btf.find(name, BtfKind.FUNC);
        return function != 0 ? function : btf.find(name, BtfKind.VAR);
    }

    /**
     * The DATASECs as a loader sees them. clang leaves sizes and the offsets of global variables at
     * zero, to be taken from the ELF sections and symbols; offsets of static variables are right.
     */
    private List<BtfType.Datasec> placedDatasecs(Btf plain) {
        Map<String, ElfSymbol> variables = new HashMap<>();
        for (ElfSymbol symbol : elf.symbols()) {
            if (symbol.isDefined() && !symbol.isLocal() && symbol.type() != ElfSymbol.FUNC) {
                variables.putIfAbsent(symbol.name(), symbol);
            }
        }
        List<BtfType.Datasec> placed = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int id = 1; id < plain.typeCount(); id++) {
            if (plain.kind(id) == BtfKind.DATASEC
                    && plain.type(id) instanceof BtfType.Datasec datasec) {
                if (datasec.name().equals(KCONFIG) && seen.add(KCONFIG)) {
                    placed.add(KconfigLayout.place(datasec, plain, kconfig));
                } else if (!datasec.name().equals(KSYMS)) {
                    placed.add(place(datasec, plain, variables));
                }
            }
        }
        return placed;
    }

    private BtfType.Datasec place(
            BtfType.Datasec datasec, Btf plain, Map<String, ElfSymbol> variables) {
        ElfSection section = elf.section(datasec.name());
        if (section == null) {
            return datasec;
        }
        boolean fixOffsets = datasec.size() == 0;
        List<BtfType.VarInfo> vars = new ArrayList<>();
        for (BtfType.VarInfo info : datasec.vars()) {
            long offset = info.offset();
            if (plain.type(info.type()) instanceof BtfType.Var variable
                    && variable.linkage() == BtfType.Var.GLOBAL) {
                ElfSymbol symbol = variables.get(variable.name());
                if (fixOffsets && symbol != null && symbol.section() == section.index()) {
                    offset = symbol.value();
                }
            }
            if (Long.compareUnsigned(offset, section.size()) > 0
                    || Long.compareUnsigned(info.size(), section.size() - offset) > 0) {
                throw BpfException.malformed(
                        where(section),
                        "variable '"
                                + plain.name(info.type())
                                + "' at offset "
                                + Long.toUnsignedString(offset)
                                + " with "
                                + info.size()
                                + " bytes is outside the section of "
                                + Long.toUnsignedString(section.size())
                                + " bytes");
            }
            vars.add(new BtfType.VarInfo(info.type(), offset, info.size()));
        }
        vars.sort((left, right) -> Long.compare(left.offset(), right.offset()));
        return new BtfType.Datasec(
                datasec.id(), datasec.name(), fixOffsets ? section.size() : datasec.size(), vars);
    }

    /** Whether a global variable is hidden, which makes it static for a loader. */
    boolean isHidden(String name) {
        for (ElfSymbol symbol : elf.symbols()) {
            if (symbol.isDefined() && !symbol.isLocal() && symbol.name().equals(name)) {
                return symbol.hidden();
            }
        }
        return false;
    }
}
