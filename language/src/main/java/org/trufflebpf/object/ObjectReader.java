package org.trufflebpf.object;

import org.trufflebpf.elf.ByteView;
import org.trufflebpf.elf.ElfFile;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.InsnDecoder;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads an object file into its specification, by the conventions of libbpf. */
public final class ObjectReader {
    private ObjectReader() {}

    /**
     * Reads an ELF object.
     *
     * @param name for messages
     * @param bytes of the file; they must not change afterwards
     * @throws BpfException if the object is not well formed or asks for what is not supported
     */
    public static ObjectSpec read(String name, byte[] bytes) {
        try {
            return read(ElfFile.parse(name, bytes), name);
        } catch (BpfException e) {
            throw e.within(Where.file(name));
        }
    }

    private static ObjectSpec read(ElfFile elf, String name) {
        ObjectFile file = ObjectFile.open(elf);
        FunctionTable functions = new FunctionTable(file);
        if (elf.symbols().isEmpty()) {
            throw BpfException.malformed(elf.where(), "no symbol table, stripped object file?");
        }
        MapTable maps = new MapTable();
        BtfMapReader.read(file, maps);
        Map<Integer, Integer> legacyIds = LegacyMapReader.read(file, maps);
        StructOpsReader.read(file, maps, functions);
        DataMapReader.read(file, maps);
        BtfMapReader.readSlots(file, maps, functions);
        Set<String> bound = TailCallSections.bind(maps, functions, legacyIds);
        Linker linker = new Linker(file, maps, functions);
        List<ProgramSpec> programs = new ArrayList<>();
        for (Function function : functions.all()) {
            if (function.program()) {
                programs.add(linker.link(function));
            }
        }
        return new ObjectSpec(
                name,
                elf.order(),
                license(file),
                version(file),
                file.btf,
                TailCallSections.typed(programs, bound),
                maps.maps(),
                file.warnings(),
                file.kconfig);
    }

    /** An object of one program {@code main} without maps, from its instructions alone. */
    public static ObjectSpec readRaw(byte[] code, ByteOrder order) {
        Where where = Where.UNKNOWN.inProgram("main");
        if (code.length == 0) {
            throw BpfException.malformed(where, "no instructions, expected at least 8 bytes");
        }
        List<Insn> insns = InsnDecoder.decodeForm(code, order, where);
        ProgramSpec program =
                new ProgramSpec(
                        "main",
                        "",
                        ProgramType.UNSPEC,
                        -1,
                        null,
                        false,
                        false,
                        true,
                        insns,
                        rawSubprogs(insns, code.length / Function.SLOT),
                        List.of(),
                        List.of(),
                        List.of());
        return new ObjectSpec(
                "raw", order, "", 0, null, List.of(program), List.of(), List.of(), List.of());
    }

    /** The functions of raw instructions: what a call or a function address leads to begins one. */
    private static List<SubprogSpec> rawSubprogs(List<Insn> insns, int slots) {
        SortedSet<Integer> starts = new TreeSet<>();
        Set<Integer> slotStarts = new HashSet<>();
        starts.add(0);
        for (Insn insn : insns) {
            slotStarts.add(insn.index());
        }
        for (Insn insn : insns) {
            boolean function =
                    switch (insn.opcode().kind()) {
                        case CALL_SUBPROG -> true;
                        case LDDW -> insn.src() == 4;
                        default -> false;
                    };
            if (!function) {
                continue;
            }
            int target = insn.index() + 1 + insn.imm();
            if (!slotStarts.contains(target)) {
                throw BpfException.malformed(
                        Where.UNKNOWN.inProgram("main").at(insn.index(), null),
                        "call to instruction "
                                + target
                                + ", expected the begin of one from 0 to "
                                + (slots - 1));
            }
            starts.add(target);
        }
        List<SubprogSpec> subprogs = new ArrayList<>();
        List<Integer> sorted = List.copyOf(starts);
        for (int i = 0; i < sorted.size(); i++) {
            int end = i + 1 < sorted.size() ? sorted.get(i + 1) : slots;
            String name = i == 0 ? "main" : "sub_" + sorted.get(i);
            subprogs.add(new SubprogSpec(name, sorted.get(i), end, i == 0, 0));
        }
        return subprogs;
    }

    private static String license(ObjectFile file) {
        ElfSection section = file.elf.section("license");
        if (section == null) {
            return "";
        }
        String text = new String(file.contents(section).copy(), StandardCharsets.UTF_8);
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    private static int version(ObjectFile file) {
        ElfSection section = file.elf.section("version");
        if (section == null || section.size() == 0) {
            return 0;
        }
        ByteView view = file.contents(section);
        if (view.length() != 4) {
            throw view.malformed("version of " + view.length() + " bytes, expected 4");
        }
        return view.s32(0);
    }
}
