package org.trufflebpf.object;

import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.elf.ElfRelocation;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.uapi.MapType;

import java.util.List;

/**
 * Global variables: each section of data becomes an array map with one value, which the program
 * reads and writes in place. Relocations inside data are not applied, as libbpf does not.
 */
final class DataMapReader {
    private static final int RDONLY_PROG = 0x80;
    private static final int MMAPABLE = 0x400;

    /** Zeroed data that an object may ask for beyond what stands in the file. */
    private static final long BSS_LIMIT = 64L << 20;

    private final ObjectFile file;
    private long bss;

    private DataMapReader(ObjectFile file) {
        this.file = file;
    }

    static void read(ObjectFile file, MapTable maps) {
        DataMapReader reader = new DataMapReader(file);
        for (ElfSection section : file.elf.sections()) {
            MapSpec.Kind kind = kindOf(section);
            if (kind != null && section.size() != 0) {
                maps.addData(reader.map(section, kind), section);
                reader.warnOfRelocations(section);
            }
        }
        int size = KconfigLayout.size(file.kconfig);
        if (size > 0) {
            int datasec = file.btf.find(".kconfig");
            maps.add(reader.map(".kconfig", size, new byte[size], MapSpec.Kind.KCONFIG, datasec));
        }
    }

    private static MapSpec.Kind kindOf(ElfSection section) {
        if (section.type() == ElfSection.PROGBITS && !section.isCode()) {
            if (isNamed(section, ".rodata")) {
                return MapSpec.Kind.RODATA;
            }
            return isNamed(section, ".data") ? MapSpec.Kind.DATA : null;
        }
        return section.type() == ElfSection.NOBITS && isNamed(section, ".bss")
                ? MapSpec.Kind.BSS
                : null;
    }

    private static boolean isNamed(ElfSection section, String name) {
        return section.name().equals(name) || section.name().startsWith(name + ".");
    }

    private MapSpec map(ElfSection section, MapSpec.Kind kind) {
        long size = section.size();
        if (kind == MapSpec.Kind.BSS) {
            if (Long.compareUnsigned(size, BSS_LIMIT - bss) > 0) {
                throw BpfException.limit(
                        file.where(section),
                        Long.toUnsignedString(size)
                                + " bytes of zeroed data, at most "
                                + BSS_LIMIT
                                + " are possible in one object");
            }
            bss += size;
            return map(
                    section.name(),
                    (int) size,
                    new byte[(int) size],
                    kind,
                    datasec(section.name()));
        }
        return map(
                section.name(),
                (int) size,
                file.contents(section).copy(),
                kind,
                datasec(section.name()));
    }

    private int datasec(String name) {
        return file.btf == null ? 0 : file.btf.find(name, BtfKind.DATASEC);
    }

    private MapSpec map(String name, int size, byte[] data, MapSpec.Kind kind, int datasec) {
        boolean readOnly = kind == MapSpec.Kind.RODATA || kind == MapSpec.Kind.KCONFIG;
        int flags = (readOnly ? RDONLY_PROG : 0) | (isMmapable(datasec, kind) ? MMAPABLE : 0);
        return new MapSpec(
                name,
                MapType.ARRAY,
                4,
                size,
                1,
                flags,
                0,
                -1,
                false,
                0,
                datasec,
                null,
                List.of(),
                data,
                kind);
    }

    /**
     * libbpf makes a data map mmapable when a skeleton would show one of its variables, which
     * static ones are not.
     */
    private boolean isMmapable(int datasec, MapSpec.Kind kind) {
        if (datasec == 0 || !(file.btf.type(datasec) instanceof BtfType.Datasec section)) {
            return false;
        }
        for (BtfType.VarInfo info : section.vars()) {
            if (file.btf.type(info.type()) instanceof BtfType.Var variable
                    && variable.linkage() != BtfType.Var.STATIC
                    && (kind == MapSpec.Kind.KCONFIG || !file.isHidden(variable.name()))) {
                return true;
            }
        }
        return false;
    }

    private void warnOfRelocations(ElfSection section) {
        for (ElfRelocation relocation : file.relocations(section)) {
            file.warn(
                    "section '"
                            + section.name()
                            + "': the address of '"
                            + file.describe(relocation.symbol())
                            + "' is not filled in: data is not relocated, as libbpf does not");
        }
    }
}
