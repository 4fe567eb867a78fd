package org.trufflebpf.object;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.btf.value.TypedFormat;
import org.trufflebpf.elf.ElfBuilder;
import org.trufflebpf.elf.ElfSection;
import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

@Timeout(60)
class ObjectReaderTest {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

    private static ObjectSpec read(String name) {
        return ObjectReader.read(name, LoaderResources.read(name));
    }

    private static MapSpec map(ObjectSpec object, String name) {
        return object.maps().get(object.mapIndex(name));
    }

    private static List<String> subprogs(ProgramSpec program) {
        return program.subprogs().stream().map(SubprogSpec::name).toList();
    }

    /** Calls and function addresses must lead to the begin of a function of the program. */
    private static void checkLinked(ObjectSpec object, ProgramSpec program) {
        List<Integer> starts = program.subprogs().stream().map(SubprogSpec::start).toList();
        int next = 0;
        for (Insn insn : program.insns()) {
            assertEquals(next, insn.index());
            next = insn.next();
            boolean function = insn.opcode() == Opcode.LDDW && insn.src() == 4;
            if (function || insn.opcode() == Opcode.CALL_SUBPROG) {
                assertTrue(
                        starts.contains(insn.index() + 1 + insn.imm()),
                        program.name() + " " + insn.index());
            }
            if (insn.opcode() == Opcode.LDDW && (insn.src() == 1 || insn.src() == 2)) {
                MapSpec map = object.maps().get(insn.imm());
                assertTrue(
                        insn.src() == 1
                                || insn.nextImm() < map.valueSize()
                                || map.type() == MapType.ARENA);
            }
        }
        assertEquals(next, program.subprogs().getLast().end());
        assertTrue(
                program.lines().stream()
                        .allMatch(line -> line.insn() < program.subprogs().getLast().end()));
    }

    @Test
    void everyObjectIsLinkedWell() {
        for (String name : LoaderResources.OBJECTS) {
            ObjectSpec object = read(name);
            object.programs().forEach(program -> checkLinked(object, program));
        }
    }

    @Test
    void mapsHaveAllAttributes() {
        for (String file : List.of("maps.o", "maps_be.o")) {
            ObjectSpec object = read(file);
            assertEquals("Dual BSD/GPL", object.license());
            assertEquals(0x60c01, object.version());
            MapSpec byType = map(object, "by_type");
            assertEquals(MapType.HASH, byType.type());
            assertEquals(8, byType.keySize());
            assertEquals(8, byType.valueSize());
            assertEquals(1024, byType.maxEntries());
            assertEquals(1, byType.flags());
            assertEquals(0, byType.numaNode());
            assertTrue(byType.pinByName());
            assertEquals("key", object.btf().name(byType.keyTypeId()));
            assertEquals("__u64", object.btf().name(byType.valueTypeId()));
            MapSpec bySize = map(object, "by_size");
            assertEquals(4, bySize.keySize());
            assertEquals(0, bySize.keyTypeId());
            assertEquals(-1, bySize.numaNode());
            assertEquals(5, map(object, "bloom").mapExtra());
            assertEquals(8192, map(object, "ring").maxEntries());
            MapSpec outer = map(object, "outer_map");
            assertEquals(4, outer.valueSize());
            assertEquals(4, outer.inner().maxEntries());
            assertEquals(8, outer.inner().valueSize());
            assertEquals(List.of(new MapSpec.Slot(2, "inner_map")), outer.slots());
            assertEquals(
                    List.of(new MapSpec.Slot(1, "target"), new MapSpec.Slot(5, "target")),
                    map(object, "calls").slots());
        }
    }

    @Test
    void globalsBecomeDataMaps() {
        for (String file : List.of("globals.o", "globals_be.o")) {
            ObjectSpec object = read(file);
            Map<String, MapSpec.Kind> kinds =
                    object.maps().stream().collect(Collectors.toMap(MapSpec::name, MapSpec::kind));
            assertEquals(
                    Map.of(
                            ".rodata", MapSpec.Kind.RODATA,
                            ".rodata.constant", MapSpec.Kind.RODATA,
                            ".rodata.str1.1", MapSpec.Kind.RODATA,
                            ".data", MapSpec.Kind.DATA,
                            ".data.custom", MapSpec.Kind.DATA,
                            ".data.hidden", MapSpec.Kind.DATA,
                            ".bss", MapSpec.Kind.BSS),
                    kinds);
            assertEquals(0x480, map(object, ".rodata").flags());
            assertEquals(0x80, map(object, ".rodata.str1.1").flags());
            assertEquals(0x400, map(object, ".data").flags());
            assertEquals(0, map(object, ".data.hidden").flags());
            assertEquals(0, map(object, ".rodata.str1.1").valueTypeId());
            TypedFormat format = new TypedFormat(object.btf(), object.order());
            assertEquals(
                    "{custom=287454020}",
                    format.text(
                            map(object, ".data.custom").valueTypeId(),
                            map(object, ".data.custom").data()));
            assertEquals(
                    "{limit=10, local_limit=11}",
                    format.text(
                            map(object, ".rodata").valueTypeId(), map(object, ".rodata").data()));
            String data =
                    format.text(map(object, ".data").valueTypeId(), map(object, ".data").data());
            assertTrue(data.contains("counter=5") && data.contains("local_counter=6"), data);
            assertArrayEquals(new byte[24], map(object, ".bss").data());
            assertEquals(2, object.warnings().size());
            assertTrue(
                    object.warnings().getFirst().contains("'counter'"),
                    object.warnings().getFirst());
        }
    }

    @Test
    void subprogramsAreAppendedOnceInTheOrderOfTheWalk() {
        ObjectSpec object = read("globals.o");
        assertEquals(List.of("first", "visit", "add", "twice"), subprogs(object.program("first")));
        assertEquals(List.of("second", "twice", "add"), subprogs(object.program("second")));
        assertFalse(object.program("first").subprogs().get(2).global());
        assertTrue(object.program("first").subprogs().get(3).global());
        LineInfo line =
                object.program("first").line(object.program("first").subprogs().get(2).start() + 4);
        assertEquals("globals.c", line.file().substring(line.file().lastIndexOf('/') + 1));
        assertTrue(line.describe().contains("return a + b + local_counter;"), line.describe());
    }

    @Test
    void bigEndianObjectsLinkTheSame() {
        for (String name : List.of("first", "second")) {
            List<Opcode> little =
                    read("globals.o").program(name).insns().stream().map(Insn::opcode).toList();
            List<Opcode> big =
                    read("globals_be.o").program(name).insns().stream().map(Insn::opcode).toList();
            assertEquals(little.size(), big.size());
        }
        assertEquals(ByteOrder.BIG_ENDIAN, read("globals_be.o").order());
    }

    @Test
    void functionsOfTextAreProgramsWhereThereAreNoOthers() {
        ObjectSpec object = read("text_only.o");
        assertEquals(2, object.programs().size());
        ProgramSpec program = object.program("helloworld");
        assertEquals(ProgramType.UNSPEC, program.type());
        assertEquals(".text", program.section());
        assertEquals(List.of("helloworld", "helper"), subprogs(program));
        assertEquals("other", subprogs(object.program("other")).getFirst());
    }

    @Test
    void sectionsSayWhatTheirProgramsAre() {
        ObjectSpec object = read("sections.o");
        assertTrue(object.program("in_xdp_frags").fragments());
        assertEquals(33, object.program("in_devmap").attachType());
        assertNull(object.program("in_devmap").attachTarget());
        assertEquals("do_sys_open+4", object.program("in_kprobe").attachTarget());
        assertNull(object.program("in_plain_kprobe").attachTarget());
        assertEquals("/bin/bash:readline", object.program("in_uprobe").attachTarget());
        assertTrue(object.program("in_uprobe").sleepable());
        ProgramSpec fentry = object.program("in_fentry");
        assertFalse(fentry.autoload());
        assertEquals("fentry.s/vfs_read", fentry.section());
        assertEquals(ProgramType.TRACING, fentry.type());
        assertEquals(ProgramType.UNSPEC, object.program("in_unknown").type());
        assertEquals("x", object.program("in_unknown").attachTarget());
    }

    @Test
    void legacyMapsOfEverySize() {
        ObjectSpec object = read("nobtf_legacy.o");
        MapSpec counters = map(object, "counters");
        assertEquals(MapType.HASH, counters.type());
        assertEquals(16, counters.maxEntries());
        assertEquals(1, counters.flags());
        assertEquals(8, map(object, "second").valueSize());
        assertTrue(map(object, "gobpf").pinByName());
        assertEquals(16, map(object, "gobpf").valueSize());
        assertEquals(List.of("filter", "in_section"), subprogs(object.program("filter")));
        assertEquals(
                List.of(
                        object.mapIndex("counters"),
                        object.mapIndex("second"),
                        object.mapIndex("gobpf")),
                object.program("filter").insns().stream()
                        .filter(insn -> insn.opcode() == Opcode.LDDW)
                        .map(Insn::imm)
                        .toList());

        ObjectSpec elfMaps = read("nobtf_elfmap.o");
        assertEquals(List.of(new MapSpec.Slot(7, "bound")), map(elfMaps, "jumps").slots());
        assertTrue(map(elfMaps, "pinned").pinByName());
        assertEquals("pinned", map(elfMaps, "outer").inner().name());
    }

    @Test
    void structOpsAndArena() {
        ObjectSpec object = read("struct_ops.o");
        MapSpec ops = map(object, "ops");
        assertEquals(MapType.STRUCT_OPS, ops.type());
        assertEquals(1 << 13, ops.flags());
        assertEquals("my_ops", object.btf().name(ops.valueTypeId()));
        assertEquals(
                List.of(new MapSpec.Slot(8, "init_fn"), new MapSpec.Slot(16, "exit_fn")),
                ops.slots());
        assertEquals(3, ops.data()[0]);
        MapSpec arena = map(object, "arena");
        assertEquals(42, ByteBuffer.wrap(arena.data()).order(LITTLE).getInt());
        assertTrue(
                object.program("use_arena").insns().stream()
                        .anyMatch(insn -> insn.opcode() == Opcode.LDDW && insn.src() == 2));
    }

    @Test
    void kconfigIsLaidOutAsLibbpfDoes() {
        ObjectSpec object = read("externs.o");
        assertEquals(
                List.of(
                        "CONFIG_ABSENT@0",
                        "CONFIG_HZ@8",
                        "CONFIG_IPV6@12",
                        "LINUX_KERNEL_VERSION@16",
                        "CONFIG_BPF@20",
                        "CONFIG_LETTER@21",
                        "LINUX_HAS_BPF_COOKIE@22",
                        "CONFIG_DEFAULT_HOSTNAME@23"),
                object.kconfig().stream()
                        .map(variable -> variable.name() + "@" + variable.offset())
                        .toList());
        MapSpec map = map(object, ".kconfig");
        assertEquals(35, map.valueSize());
        assertEquals(MapSpec.Kind.KCONFIG, map.kind());
        assertNotNull(object.btf().type(map.valueTypeId()));
        assertEquals(
                List.of("bpf_no_such_kfunc", "bpf_no_such_kfunc", "bpf_rcu_read_lock___flavor"),
                object.program("symbols").externs().subList(0, 3).stream()
                        .map(ExternRef::name)
                        .toList());
    }

    @Test
    void rawInstructions() {
        // call +1; exit; mov r0, 5; exit
        byte[] code =
                HexFormat.of()
                        .parseHex(
                                "8510000001000000"
                                        + "9500000000000000"
                                        + "b700000005000000"
                                        + "9500000000000000");
        ObjectSpec object = ObjectReader.readRaw(code, LITTLE);
        assertEquals(List.of("main", "sub_2"), subprogs(object.program("main")));
        assertEquals(4, object.program("main").insns().size());
        assertThrows(BpfException.class, () -> ObjectReader.readRaw(new byte[0], LITTLE));
        assertThrows(BpfException.class, () -> ObjectReader.readRaw(new byte[7], LITTLE));
        code[4] = 100;
        assertThrows(BpfException.class, () -> ObjectReader.readRaw(code, LITTLE));
    }

    // hand-built objects

    private static void refused(Failure failure, String expected, ElfBuilder builder) {
        BpfException e =
                assertThrows(BpfException.class, () -> ObjectReader.read("x.o", builder.build()));
        assertEquals(failure, e.failure(), e.describe());
        assertTrue(e.describe().contains(expected), e.describe());
    }

    @Test
    void oldCompilersLeaveTypeAndSizeOut() {
        for (ByteOrder order : List.of(LITTLE, ByteOrder.BIG_ENDIAN)) {
            ElfBuilder b = new ElfBuilder(order).machine(0);
            ByteBuffer two = ByteBuffer.allocate(32);
            two.put(ElfBuilder.returns(1, order)).put(ElfBuilder.returns(2, order));
            int code = b.code("socket", two.array());
            b.symbol("one", ElfSymbol.GLOBAL, ElfSymbol.NOTYPE, code, 0, 0);
            b.symbol("LBB0_1", ElfSymbol.LOCAL, ElfSymbol.NOTYPE, code, 8, 0);
            b.symbol("two", ElfSymbol.GLOBAL, ElfSymbol.NOTYPE, code, 16, 0);
            ObjectSpec object = ObjectReader.read("x.o", b.build());
            assertEquals(2, object.program("one").insns().size());
            assertEquals(2, object.program("two").insns().getFirst().imm());
        }
    }

    @Test
    void localFunctionsAreProgramsWhereTheirSectionHasNoGlobalOnes() {
        ElfBuilder b = new ElfBuilder(LITTLE);
        int xdp = b.code("xdp", ElfBuilder.returns(1, LITTLE));
        int text = b.code(".text", ElfBuilder.returns(2, LITTLE));
        b.symbol("bound_locally", ElfSymbol.LOCAL, ElfSymbol.FUNC, xdp, 0, 16);
        b.symbol("helper", ElfSymbol.GLOBAL, ElfSymbol.FUNC, text, 0, 16);
        ObjectSpec object = ObjectReader.read("x.o", b.build());
        assertEquals(
                List.of("bound_locally"),
                object.programs().stream().map(ProgramSpec::name).toList());
    }

    @Test
    void sectionsOfSlotsBindTailCalls() {
        for (String section : List.of("jumps/0x5", "2/5", "tail-5", "prog/5")) {
            ElfBuilder b = new ElfBuilder(LITTLE);
            int entry = b.code("classifier", ElfBuilder.returns(1, LITTLE));
            int tail = b.code(section, ElfBuilder.returns(2, LITTLE));
            ByteBuffer definition = ByteBuffer.allocate(36).order(LITTLE);
            definition.putInt(3).putInt(4).putInt(4).putInt(8).putInt(0).putInt(2);
            int maps = b.section("maps", ElfSection.PROGBITS, 3, definition.array());
            b.symbol("entry", ElfSymbol.GLOBAL, ElfSymbol.FUNC, entry, 0, 16);
            b.symbol("target", ElfSymbol.GLOBAL, ElfSymbol.FUNC, tail, 0, 16);
            b.symbol("jumps", ElfSymbol.GLOBAL, ElfSymbol.OBJECT, maps, 0, 36);
            ObjectSpec object = ObjectReader.read("x.o", b.build());
            assertEquals(
                    List.of(new MapSpec.Slot(5, "target")), map(object, "jumps").slots(), section);
            assertEquals(ProgramType.SCHED_CLS, object.program("target").type(), section);
        }
    }

    @Test
    void relaAndSectionSymbolsGiveTheSameReference() {
        for (boolean rela : List.of(false, true)) {
            ElfBuilder b = new ElfBuilder(LITTLE);
            byte[] lddw = new byte[24];
            lddw[0] = 0x18;
            lddw[4] = (byte) (rela ? 0 : 12);
            lddw[16] = (byte) 0x95;
            int code = b.code("xdp", lddw);
            int data = b.section(".data", ElfSection.PROGBITS, 3, new byte[64]);
            b.symbol("f", ElfSymbol.GLOBAL, ElfSymbol.FUNC, code, 0, 24);
            int section = b.symbol("", ElfSymbol.LOCAL, ElfSymbol.SECTION, data, 0, 0);
            if (rela) {
                b.relocations(code, true, 0, section, 1, 12);
            } else {
                b.relocations(code, false, 0, section, 1);
            }
            Insn insn = ObjectReader.read("x.o", b.build()).program("f").insns().getFirst();
            assertEquals(new Insn(0, Opcode.LDDW, 0, 2, 0, 0, 12), insn);
        }
    }

    private static ElfBuilder withRelocation(
            int section, int symbolSection, int type, byte[] code) {
        ElfBuilder b = new ElfBuilder(LITTLE);
        int xdp = b.code("xdp", code);
        b.section("other", ElfSection.PROGBITS, 2, new byte[16]);
        b.symbol("f", ElfSymbol.GLOBAL, ElfSymbol.FUNC, xdp, 0, code.length);
        int symbol = b.symbol("thing", ElfSymbol.GLOBAL, type, symbolSection, 0, 0);
        b.relocations(section, false, 0, symbol, 1);
        return b;
    }

    @Test
    void refusesWrongReferences() {
        byte[] lddw = new byte[24];
        lddw[0] = 0x18;
        lddw[16] = (byte) 0x95;
        refused(
                Failure.MALFORMED,
                "bad relo against 'thing' in section 'other'",
                withRelocation(1, 2, 1, lddw));
        refused(
                Failure.MALFORMED,
                "forgot to initialize global var?",
                withRelocation(1, 0xfff2, 1, lddw));
        refused(
                Failure.MALFORMED,
                "symbol 'thing' is in section 99",
                withRelocation(1, 99, 1, lddw));
        refused(
                Failure.MALFORMED,
                "invalid relo against 'thing', expected a call or lddw",
                withRelocation(1, 2, 1, ElfBuilder.returns(1, LITTLE)));
        byte[] call = new byte[16];
        call[0] = (byte) 0x85;
        call[1] = 0x10;
        call[4] = 5;
        call[8] = (byte) 0x95;
        ElfBuilder b = new ElfBuilder(LITTLE);
        b.symbol("f", ElfSymbol.GLOBAL, ElfSymbol.FUNC, b.code("xdp", call), 0, 16);
        refused(Failure.MALFORMED, "no function begins at offset 48 of section 'xdp'", b);
    }

    @Test
    void refusesWrongFunctions() {
        byte[] code = ElfBuilder.returns(1, LITTLE);
        for (long[] place : new long[][] {{0, 24}, {8, -8}, {4, 8}, {0, 9}, {-8, 16}, {16, 0}}) {
            ElfBuilder b = new ElfBuilder(LITTLE);
            b.symbol(
                    "f", ElfSymbol.GLOBAL, ElfSymbol.FUNC, b.code("xdp", code), place[0], place[1]);
            refused(Failure.MALFORMED, "corrupted program", b);
        }
        ElfBuilder b = new ElfBuilder(LITTLE);
        int section = b.code("xdp", code);
        b.symbol("f", ElfSymbol.GLOBAL, ElfSymbol.FUNC, section, 0, 16);
        b.symbol("g", ElfSymbol.GLOBAL, ElfSymbol.FUNC, section, 8, 8);
        refused(Failure.MALFORMED, "inside the function before it", b);
    }

    @Test
    void refusesTooMuch() {
        ElfBuilder b = new ElfBuilder(LITTLE);
        b.nobits(".bss", 1L << 40);
        refused(Failure.LIMIT, "bytes of zeroed data", b);
        ElfBuilder negative = new ElfBuilder(LITTLE);
        negative.nobits(".bss", -1);
        refused(Failure.LIMIT, "18446744073709551615 bytes of zeroed data", negative);
    }

    @Test
    void refusesWrongLegacyMaps() {
        for (int size : new int[] {16, 22, 284}) {
            ElfBuilder b = new ElfBuilder(LITTLE);
            int maps = b.section("maps", ElfSection.PROGBITS, 3, new byte[size]);
            b.symbol("m", ElfSymbol.GLOBAL, ElfSymbol.OBJECT, maps, 0, size);
            refused(Failure.MALFORMED, "definition of " + size + " bytes", b);
        }
        ByteBuffer definition = ByteBuffer.allocate(24).order(LITTLE).putInt(0, 2).putInt(20, 9);
        ElfBuilder b = new ElfBuilder(LITTLE);
        int maps = b.section("maps", ElfSection.PROGBITS, 3, definition.array());
        b.symbol("m", ElfSymbol.GLOBAL, ElfSymbol.NOTYPE, maps, 0, 0);
        refused(Failure.UNSUPPORTED, "unknown field at offset 20", b);
        definition.putInt(0, 99);
        ElfBuilder unknown = new ElfBuilder(LITTLE);
        unknown.symbol(
                "m",
                ElfSymbol.GLOBAL,
                ElfSymbol.NOTYPE,
                unknown.section("maps", ElfSection.PROGBITS, 3, definition.array()),
                0,
                0);
        refused(Failure.MALFORMED, "unknown map type 99", unknown);
        ElfBuilder noSymbols = new ElfBuilder(LITTLE);
        noSymbols.section("maps", ElfSection.PROGBITS, 3, new byte[20]);
        refused(Failure.MALFORMED, "no symbols for the map definitions", noSymbols);
        ElfBuilder noBtf = new ElfBuilder(LITTLE);
        noBtf.section(".maps", ElfSection.PROGBITS, 3, new byte[20]);
        refused(Failure.MALFORMED, "DATASEC '.maps' not found", noBtf);
    }

    @Test
    void refusesAWrongVersion() {
        ElfBuilder b = new ElfBuilder(LITTLE);
        b.section("version", ElfSection.PROGBITS, 3, new byte[3]);
        refused(Failure.MALFORMED, "version of 3 bytes, expected 4", b);
    }
}
