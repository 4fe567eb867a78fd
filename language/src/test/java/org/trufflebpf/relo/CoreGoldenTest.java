package org.trufflebpf.relo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.object.CoreRelo;
import org.trufflebpf.object.LoaderResources;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * CO-RE relocation against what libbpf printed for the same object and target ({@code
 * core.golden}).
 */
@Timeout(60)
class CoreGoldenTest {
    private static final String POISON = "failed to resolve CO-RE relocation ";

    /**
     * What this loader does, in the words of libbpf's debug output, without the numbers of the
     * records.
     */
    static List<String> describe(ObjectSpec object, TargetBtf target) {
        List<String> lines = new ArrayList<>();
        for (ProgramSpec program : object.programs()) {
            LoadedProgram loaded = Loader.load(object, program, target);
            for (CoreRelo relo : program.coreRelos()) {
                Insn before = at(program.insns(), relo.insn());
                Insn after = at(loaded.insns(), relo.insn());
                String head = "prog '" + program.name() + "': ";
                CoreSpec spec =
                        CoreSpec.parse(
                                object.btf(),
                                relo.typeId(),
                                relo.access(),
                                CoreKind.of(relo.kind()));
                lines.add(head + spec);
                if (loaded.poison().containsKey(relo.insn())) {
                    assertTrue(loaded.poison().get(relo.insn()).startsWith(POISON + spec));
                    if (before.opcode() == Opcode.LDDW) {
                        lines.add(
                                head
                                        + "substituting insn #"
                                        + (relo.insn() + 1)
                                        + " w/ invalid insn");
                    }
                    lines.add(head + "substituting insn #" + relo.insn() + " w/ invalid insn");
                    continue;
                }
                String patched = head + "patched insn #" + relo.insn();
                switch (before.opcode().kind()) {
                    case ALU ->
                            lines.add(
                                    patched
                                            + " (ALU/ALU64) imm "
                                            + Long.toUnsignedString(before.imm())
                                            + " -> "
                                            + Long.toUnsignedString(after.imm()));
                    case LDDW ->
                            lines.add(
                                    patched
                                            + " (LDIMM64) imm64 "
                                            + Long.toUnsignedString(before.imm64())
                                            + " -> "
                                            + Long.toUnsignedString(after.imm64()));
                    default -> {
                        lines.add(
                                patched
                                        + " (LDX/ST/STX) off "
                                        + before.off()
                                        + " -> "
                                        + after.off());
                        if (before.opcode().bits() != after.opcode().bits()) {
                            lines.add(
                                    patched
                                            + " (LDX/ST/STX) mem_sz "
                                            + before.opcode().bits() / 8
                                            + " -> "
                                            + after.opcode().bits() / 8);
                        }
                    }
                }
            }
        }
        return lines;
    }

    private static Insn at(List<Insn> insns, int index) {
        return insns.stream().filter(insn -> insn.index() == index).findFirst().orElseThrow();
    }

    @Test
    void resolvesAsLibbpfDoes() {
        ObjectSpec object = ObjectReader.read("core.o", LoaderResources.read("core.o"));
        Btf target = Btf.parse("core_target.o", LoaderResources.read("core_target.o"));
        List<String> golden =
                new String(LoaderResources.read("core.golden"), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.contains("accesses field incorrectly"))
                        .map(line -> line.replaceFirst("relo #[0-9]+: ", ""))
                        .toList();
        assertEquals(
                String.join("\n", golden),
                String.join("\n", describe(object, TargetBtf.of(target))));
    }

    @Test
    void resolvesInBigEndianObjects() {
        ObjectSpec object = ObjectReader.read("core_be.o", LoaderResources.read("core_be.o"));
        Btf target = Btf.parse("core_target_be.o", LoaderResources.read("core_target_be.o"));
        ObjectSpec little = ObjectReader.read("core.o", LoaderResources.read("core.o"));
        Btf littleTarget = Btf.parse("core_target.o", LoaderResources.read("core_target.o"));
        for (String name : List.of("offsets", "exists", "values")) {
            List<Insn> big =
                    Loader.load(object, object.program(name), TargetBtf.of(target)).insns();
            List<Insn> same =
                    Loader.load(little, little.program(name), TargetBtf.of(littleTarget)).insns();
            assertEquals(same, big, name);
        }
    }

    @Test
    void ownBtfAsTargetChangesNothing() {
        ObjectSpec object = ObjectReader.read("core.o", LoaderResources.read("core.o"));
        for (ProgramSpec program : object.programs()) {
            LoadedProgram loaded = Loader.load(object, program, TargetBtf.of(object.btf()));
            // for bit-fields the compiler and libbpf choose other words
            if (!program.name().equals("bits") && !program.name().equals("sizes")) {
                assertEquals(program.insns(), loaded.insns(), program.name());
            }
            assertTrue(loaded.poison().isEmpty());
        }
    }

    @Test
    void rawBtfFileIsATargetToo() {
        ObjectSpec object = ObjectReader.read("core.o", LoaderResources.read("core.o"));
        Btf raw = Btf.parse("core_target.btf", LoaderResources.read("core_target.btf"));
        Btf elf = Btf.parse("core_target.o", LoaderResources.read("core_target.o"));
        assertEquals(describe(object, TargetBtf.of(elf)), describe(object, TargetBtf.of(raw)));
    }

    @Test
    void targetIsReadOnlyWhenNeeded() {
        boolean[] asked = {false};
        TargetBtf target =
                TargetBtf.lazy(
                        () -> {
                            asked[0] = true;
                            return null;
                        });
        ObjectSpec object = ObjectReader.read("maps.o", LoaderResources.read("maps.o"));
        object.programs().forEach(program -> Loader.load(object, program, target));
        assertFalse(asked[0]);
    }
}
