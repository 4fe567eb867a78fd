package org.trufflebpf.object;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.elf.ElfFile;
import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.failure.BpfException;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lays out the map {@code .kconfig} as libbpf does: by alignment downwards, size upwards, then
 * name.
 */
final class KconfigLayout {
    private static final int LIMIT = 1 << 20;

    /** An extern before it has a place. */
    private record Extern(String name, boolean weak, long size, int align, BtfType.Var variable) {}

    private KconfigLayout() {}

    static List<KconfigVar> of(ElfFile elf, Btf btf) {
        int datasecId = btf.find(".kconfig", BtfKind.DATASEC);
        if (datasecId == 0 || !(btf.type(datasecId) instanceof BtfType.Datasec datasec)) {
            return List.of();
        }
        Map<String, BtfType.Var> declared = new HashMap<>();
        for (BtfType.VarInfo info : datasec.vars()) {
            if (btf.type(info.type()) instanceof BtfType.Var variable) {
                declared.put(variable.name(), variable);
            }
        }
        List<Extern> externs = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (ElfSymbol symbol : elf.symbols()) {
            BtfType.Var variable = symbol.isExtern() ? declared.get(symbol.name()) : null;
            if (variable != null && seen.add(symbol.name())) {
                externs.add(
                        new Extern(
                                symbol.name(),
                                symbol.bind() == ElfSymbol.WEAK,
                                btf.sizeOf(variable.type()),
                                btf.alignOf(variable.type()),
                                variable));
            }
        }
        externs.sort(
                Comparator.comparingInt((Extern extern) -> -extern.align)
                        .thenComparingLong(Extern::size)
                        .thenComparing(Extern::name));
        List<KconfigVar> placed = new ArrayList<>();
        long end = 0;
        for (Extern extern : externs) {
            long offset = (end + extern.align - 1) / extern.align * extern.align;
            KconfigVar.Kind kind = kindOf(btf, extern.variable.type(), true);
            if (extern.size <= 0 || extern.size > LIMIT - offset || kind == null) {
                throw BpfException.unsupported(
                        elf.where().inSection(".kconfig"),
                        "extern (kcfg) '"
                                + extern.name
                                + "': type is unsupported, expected bool, char, an integer, enum"
                                + " libbpf_tristate or char[]");
            }
            boolean signed =
                    btf.resolve(extern.variable.type()) instanceof BtfType.Int type
                            && type.isSigned();
            placed.add(
                    new KconfigVar(
                            extern.name,
                            (int) offset,
                            (int) extern.size,
                            kind,
                            signed,
                            extern.weak));
            end = offset + extern.size;
        }
        return placed;
    }

    /** Bytes of the map's value. */
    static int size(List<KconfigVar> vars) {
        return vars.isEmpty() ? 0 : vars.getLast().offset() + vars.getLast().size();
    }

    /** The DATASEC with the places of the variables; those that no symbol asks for are left out. */
    static BtfType.Datasec place(BtfType.Datasec datasec, Btf btf, List<KconfigVar> vars) {
        Map<String, Integer> ids = new HashMap<>();
        for (BtfType.VarInfo info : datasec.vars()) {
            ids.put(btf.name(info.type()), info.type());
        }
        List<BtfType.VarInfo> infos = new ArrayList<>();
        for (KconfigVar variable : vars) {
            infos.add(
                    new BtfType.VarInfo(
                            ids.get(variable.name()), variable.offset(), variable.size()));
        }
        return new BtfType.Datasec(datasec.id(), datasec.name(), size(vars), infos);
    }

    private static KconfigVar.Kind kindOf(Btf btf, int type, boolean arrays) {
        return switch (btf.resolve(type)) {
            case BtfType.Int integer -> kindOfInt(integer);
            case BtfType.Enumeration enumeration ->
                    enumeration.name().equals("libbpf_tristate") && enumeration.size() == 4
                            ? KconfigVar.Kind.TRISTATE
                            : null;
            case BtfType.Array array -> {
                boolean chars =
                        arrays
                                && array.count() > 0
                                && kindOf(btf, array.element(), false) == KconfigVar.Kind.CHAR;
                yield chars ? KconfigVar.Kind.STRING : null;
            }
            default -> null;
        };
    }

    private static KconfigVar.Kind kindOfInt(BtfType.Int type) {
        if (type.isBool()) {
            return type.size() == 1 ? KconfigVar.Kind.BOOL : null;
        }
        if (type.size() == 1) {
            return KconfigVar.Kind.CHAR;
        }
        return type.size() <= 8 && Integer.bitCount(type.size()) == 1 ? KconfigVar.Kind.INT : null;
    }
}
