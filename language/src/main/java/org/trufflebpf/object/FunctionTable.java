package org.trufflebpf.object;

import org.trufflebpf.btf.BtfExt;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.failure.BpfException;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The functions of an object, found by their symbols. Programs are the global functions outside of
 * {@code .text}; in an object that has none there, those of {@code .text}. Some compilers bind all
 * symbols locally: of a section without a global function, but {@code .text}, the local ones are
 * programs (libbpf refuses them: "is static and not supported").
 */
final class FunctionTable {
    private static final String TEXT = ".text";

    private final List<Function> functions = new ArrayList<>();
    private final Map<Integer, NavigableMap<Integer, Function>> bySection = new HashMap<>();

    FunctionTable(ObjectFile file) {
        Map<Integer, List<ElfSymbol>> symbols = new HashMap<>();
        boolean outsideText = false;
        for (ElfSymbol symbol : file.elf.symbols()) {
            if (isFunction(file, symbol)) {
                symbols.computeIfAbsent(symbol.section(), section -> new ArrayList<>()).add(symbol);
                outsideText |= !file.sectionOf(symbol).name().equals(TEXT);
            }
        }
        for (ElfSection section : file.elf.sections()) {
            List<ElfSymbol> found = symbols.get(section.index());
            if (found != null) {
                add(file, section, found, !section.name().equals(TEXT) || !outsideText);
            }
        }
    }

    /** All functions, by section and place. */
    List<Function> all() {
        return functions;
    }

    /** The function that begins at a slot of a section, or {@code null}. */
    Function at(ElfSection section, long slot) {
        NavigableMap<Integer, Function> map = bySection.get(section.index());
        return map == null || slot < 0 || slot > Integer.MAX_VALUE ? null : map.get((int) slot);
    }

    /**
     * Old compilers leave the type of function symbols out; their labels inside functions are
     * local.
     */
    private static boolean isFunction(ObjectFile file, ElfSymbol symbol) {
        boolean named =
                symbol.type() == ElfSymbol.FUNC
                        || (symbol.type() == ElfSymbol.NOTYPE
                                && !symbol.isLocal()
                                && !symbol.name().isEmpty());
        return named && symbol.isDefined() && file.sectionOf(symbol).isCode();
    }

    private void add(
            ObjectFile file, ElfSection section, List<ElfSymbol> symbols, boolean programs) {
        symbols.sort(Comparator.comparingLong(ElfSymbol::value).thenComparingInt(ElfSymbol::index));
        Map<Integer, Integer> types = new HashMap<>();
        for (BtfExt.FuncInfo info : file.ext.functions(section.name())) {
            types.putIfAbsent((int) (info.offset() / Function.SLOT), info.typeId());
        }
        NavigableMap<Integer, Function> map = new TreeMap<>();
        boolean localPrograms =
                !section.name().equals(TEXT) && symbols.stream().allMatch(ElfSymbol::isLocal);
        long end = 0;
        for (int i = 0; i < symbols.size(); i++) {
            ElfSymbol symbol = symbols.get(i);
            long size = sizeOf(section, symbols, i);
            check(file, section, symbol, size, end);
            int start = (int) (symbol.value() / Function.SLOT);
            Function function =
                    new Function(
                            symbol.name(),
                            section,
                            start,
                            (int) (size / Function.SLOT),
                            !symbol.isLocal() && !symbol.hidden(),
                            programs && (localPrograms || !symbol.isLocal()),
                            types.getOrDefault(start, 0));
            functions.add(function);
            map.putIfAbsent(start, function);
            end = symbol.value() + size;
        }
        bySection.put(section.index(), map);
    }

    /** The symbol's size; where it has none the function goes on to the next one. */
    private static long sizeOf(ElfSection section, List<ElfSymbol> symbols, int index) {
        ElfSymbol symbol = symbols.get(index);
        if (symbol.size() != 0) {
            return symbol.size();
        }
        for (int i = index + 1; i < symbols.size(); i++) {
            if (symbols.get(i).value() != symbol.value()) {
                return symbols.get(i).value() - symbol.value();
            }
        }
        return section.size() - symbol.value();
    }

    private void check(ObjectFile file, ElfSection section, ElfSymbol symbol, long size, long end) {
        long value = symbol.value();
        if (Long.compareUnsigned(value, section.size()) > 0
                || Long.compareUnsigned(size, section.size() - value) > 0
                || size == 0
                || (value | size) % Function.SLOT != 0) {
            throw BpfException.malformed(
                    file.where(section).inProgram(symbol.name()),
                    "corrupted program, offset "
                            + Long.toUnsignedString(value)
                            + ", size "
                            + Long.toUnsignedString(size)
                            + "; expected whole 8-byte instructions inside the section of "
                            + section.size()
                            + " bytes");
        }
        boolean alias =
                !functions.isEmpty()
                        && functions.getLast().section().equals(section)
                        && functions.getLast().start() == value / Function.SLOT
                        && functions.getLast().slots() == size / Function.SLOT;
        if (value < end && !alias) {
            throw BpfException.malformed(
                    file.where(section).inProgram(symbol.name()),
                    "begins at offset "
                            + value
                            + " inside the function before it, which ends at "
                            + end);
        }
    }
}
