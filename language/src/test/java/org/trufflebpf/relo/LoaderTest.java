package org.trufflebpf.relo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfBuilder;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.value.TypedFormat;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode;
import org.trufflebpf.object.CoreRelo;
import org.trufflebpf.object.ExternRef;
import org.trufflebpf.object.LoaderResources;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.object.SubprogSpec;
import org.trufflebpf.uapi.ProgramType;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

@Timeout(60)
class LoaderTest {
    private static final ObjectSpec EXTERNS =
            ObjectReader.read("externs.o", LoaderResources.read("externs.o"));

    private static Map<String, String> config() {
        Map<String, String> config =
                new HashMap<>(
                        Kconfig.parse(
                                """
                                # CONFIG_COMMENT is not set
                                CONFIG_BPF=y
                                CONFIG_HZ=250
                                CONFIG_HZ=999
                                CONFIG_IPV6=m
                                CONFIG_DEFAULT_HOSTNAME="(none) and more"
                                """));
        return config;
    }

    private static String filled(Map<String, String> config) {
        byte[] data = Kconfig.fill(EXTERNS, config, Kconfig.version(6, 18, 44));
        int type = EXTERNS.maps().get(EXTERNS.mapIndex(".kconfig")).valueTypeId();
        return new TypedFormat(EXTERNS.btf(), EXTERNS.order()).text(type, data);
    }

    @Test
    void kconfigIsFilled() {
        assertEquals(
                "{CONFIG_ABSENT=0, CONFIG_HZ=250, CONFIG_IPV6=TRI_MODULE,"
                        + " LINUX_KERNEL_VERSION=397868, CONFIG_BPF=true, CONFIG_LETTER=0,"
                        + " LINUX_HAS_BPF_COOKIE=true, CONFIG_DEFAULT_HOSTNAME=\"(none) and \"}",
                filled(config()));
    }

    private static void refused(String name, String value, String expected) {
        Map<String, String> config = config();
        if (value == null) {
            config.remove(name);
        } else {
            config.put(name, value);
        }
        BpfException e = assertThrows(BpfException.class, () -> filled(config));
        assertTrue(e.describe().contains(expected), e.describe());
    }

    @Test
    void kconfigRefusesWhatDoesNotFit() {
        refused("CONFIG_HZ", "4294967296", "doesn't fit in 4 bytes");
        refused("CONFIG_HZ", "abc", "isn't a valid integer");
        refused("CONFIG_HZ", "y", "implies bool, tristate, or char type");
        refused("CONFIG_HZ", "\"x\"", "implies char array type");
        refused("CONFIG_BPF", "m", "implies tristate or char type");
        refused("CONFIG_BPF", "1", "implies integer type");
        refused("CONFIG_DEFAULT_HOSTNAME", "\"x", "invalid string config");
        refused("CONFIG_HZ", null, "extern 'CONFIG_HZ' (strong): not resolved");
    }

    private static LoadedProgram symbols(Btf target) {
        return Loader.load(EXTERNS, EXTERNS.program("symbols"), TargetBtf.of(target));
    }

    /** A kernel with one of the functions and, if asked for, the strong variable. */
    private static Btf kernel(boolean variable, int intSize) {
        BtfBuilder b = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
        int integer = b.integer("int", intSize, 1);
        int proto = b.type("", BtfKind.FUNC_PROTO, 0, false, 0);
        b.type("bpf_rcu_read_lock", BtfKind.FUNC, 1, false, proto);
        if (variable) {
            b.type("strong_gone", BtfKind.VAR, 0, false, integer, 1);
        }
        return b.build();
    }

    @Test
    void kernelSymbolsAreBoundOrPoisoned() {
        LoadedProgram loaded = symbols(kernel(false, 4));
        Map<Integer, Insn> insns = new HashMap<>();
        loaded.insns().forEach(insn -> insns.put(insn.index(), insn));
        int poisoned = 0;
        for (ExternRef extern : EXTERNS.program("symbols").externs()) {
            Insn insn = insns.get(extern.insn());
            String poison = loaded.poison().get(extern.insn());
            boolean call = insn.opcode() == Opcode.CALL_KFUNC;
            switch (extern.name()) {
                case "bpf_no_such_kfunc" -> {
                    assertEquals(call, poison != null);
                    assertEquals(0, insn.imm());
                    poisoned += call ? 1 : 0;
                }
                case "bpf_rcu_read_lock___flavor" -> {
                    assertEquals(call ? 2 : 3, insn.src());
                    assertEquals(3, insn.imm());
                    assertEquals(
                            call ? "bpf_rcu_read_lock" : null, loaded.kfuncs().get(extern.insn()));
                }
                case "strong_gone" -> {
                    assertTrue(poison.contains("'strong_gone': not found in kernel BTF"), poison);
                    poisoned++;
                }
                case "bpf_task_acquire", "bpf_task_release" ->
                        assertEquals(extern.name(), loaded.kfuncs().get(extern.insn()));
                default -> assertEquals(0, insn.imm64(), extern.name());
            }
        }
        assertEquals(poisoned, loaded.poison().size());
    }

    @Test
    void kernelVariablesAreKnownByTheirId() {
        LoadedProgram loaded = symbols(kernel(true, 8));
        assertTrue(
                loaded.insns().stream()
                        .anyMatch(
                                insn ->
                                        insn.opcode() == Opcode.LDDW
                                                && insn.src() == 3
                                                && insn.imm() == 4));
    }

    @Test
    void callerCanSayWhichFunctionsExist() {
        LoadedProgram loaded =
                Loader.load(
                        EXTERNS,
                        EXTERNS.program("symbols"),
                        TargetBtf.none(),
                        Set.of("bpf_no_such_kfunc")::contains);
        assertTrue(loaded.kfuncs().containsValue("bpf_no_such_kfunc"));
        assertTrue(
                loaded.poison().values().stream()
                        .anyMatch(text -> text.contains("bpf_rcu_read_lock___flavor")));
    }

    /** A program of one instruction with one CO-RE record. */
    private static LoadedProgram load(Btf local, Btf target, Insn insn, CoreRelo relo) {
        ProgramSpec program =
                new ProgramSpec(
                        "f",
                        "xdp",
                        ProgramType.XDP,
                        37,
                        null,
                        false,
                        false,
                        true,
                        List.of(insn),
                        List.of(new SubprogSpec("f", 0, 1, true, 0)),
                        List.of(),
                        List.of(relo),
                        List.of());
        ObjectSpec object =
                new ObjectSpec(
                        "x.o",
                        ByteOrder.LITTLE_ENDIAN,
                        "GPL",
                        0,
                        local,
                        List.of(program),
                        List.of(),
                        List.of());
        return Loader.load(object, program, TargetBtf.of(target));
    }

    private static final Insn MOV_4 = new Insn(0, Opcode.MOV64_IMM, 1, 0, 0, 4, 0);

    private static Btf structs(int... offsets) {
        BtfBuilder b = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
        int integer = b.integer("int", 4, 1);
        for (int i = 0; i < offsets.length; i++) {
            b.struct(i == 0 ? "s" : "s___" + i, 16, false, "x", integer, 8 * offsets[i]);
        }
        return b.build();
    }

    private static void refused(String expected, Btf target, Insn insn, CoreRelo relo) {
        BpfException e =
                assertThrows(BpfException.class, () -> load(structs(4), target, insn, relo));
        assertTrue(e.describe().contains(expected), e.describe());
        assertTrue(e.describe().startsWith("x.o: section xdp: program f: insn 0"), e.describe());
    }

    @Test
    void candidatesMustAgree() {
        CoreRelo relo = new CoreRelo(0, 2, "0:0", 0);
        assertEquals(12, load(structs(4), structs(12, 12), MOV_4, relo).insns().getFirst().imm());
        refused("field offset ambiguity: 64 != 96", structs(12, 8), MOV_4, relo);
    }

    @Test
    void refusesRecordsThatDoNotFit() {
        refused(
                "unrecognized CO-RE relocation (13)",
                structs(4),
                MOV_4,
                new CoreRelo(0, 2, "0:0", 13));
        for (String access :
                List.of("", ":", "0:", "0:1", "x", "-1", "0:0:0", "99999999999", "0:0x1")) {
            refused(
                    "parsing [2] struct s + " + access + " failed",
                    structs(4),
                    MOV_4,
                    new CoreRelo(0, 2, access, 0));
        }
        refused("parsing [2] struct s + 1 failed", structs(4), MOV_4, new CoreRelo(0, 2, "1", 8));
        refused(
                "value: got 5, exp 4 -> 12",
                structs(12),
                MOV_4.withImm(5, 0),
                new CoreRelo(0, 2, "0:0", 0));
        refused(
                "without an immediate",
                structs(4),
                new Insn(0, Opcode.MOV64_REG, 1, 2, 0, 0, 0),
                new CoreRelo(0, 2, "0:0", 0));
        refused(
                "unrecognized insn",
                structs(4),
                new Insn(0, Opcode.EXIT, 0, 0, 0, 0, 0),
                new CoreRelo(0, 2, "0:0", 0));
        refused(
                "unexpected form",
                structs(4),
                new Insn(0, Opcode.LDDW, 1, 1, 0, 4, 0),
                new CoreRelo(0, 2, "0:0", 0));
        refused(
                "value too big",
                structs(40000),
                new Insn(0, Opcode.LDX32, 1, 1, 4, 0, 0),
                new CoreRelo(0, 2, "0:0", 0));
        refused("does not exist", structs(4), MOV_4, new CoreRelo(0, 77, "0:0", 0));
        BpfException none =
                assertThrows(
                        BpfException.class,
                        () -> load(structs(4), null, MOV_4, new CoreRelo(0, 2, "0:0", 0)));
        assertTrue(none.describe().contains("give a BTF file"), none.describe());
    }

    private static Btf unsigned(int size) {
        BtfBuilder b = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
        b.struct("s", 16, false, "x", b.integer("u", size, 0), 32);
        return b.build();
    }

    @Test
    void accessSizeFollowsTheField() {
        CoreRelo relo = new CoreRelo(0, 2, "0:0", 0);
        Insn load = new Insn(0, Opcode.LDX32, 1, 1, 4, 0, 0);
        assertEquals(
                Opcode.LDX64,
                load(unsigned(4), unsigned(8), load, relo).insns().getFirst().opcode());
        assertEquals(
                Opcode.LDX8,
                load(unsigned(4), unsigned(1), load, relo).insns().getFirst().opcode());
        for (Opcode opcode : List.of(Opcode.LDX16, Opcode.ST64)) {
            Insn other = new Insn(0, opcode, 1, 0, 4, 0, 0);
            BpfException e =
                    assertThrows(
                            BpfException.class, () -> load(unsigned(4), unsigned(8), other, relo));
            assertTrue(e.getMessage().contains("unexpected mem size"), e.getMessage());
        }
        BpfException e =
                assertThrows(BpfException.class, () -> load(unsigned(4), unsigned(16), load, relo));
        assertTrue(e.getMessage().contains("invalid new mem size: 16"), e.getMessage());
    }

    @Test
    void poisonNamesTypeFieldAndAccess() {
        BtfBuilder b = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
        b.struct("s", 16, false);
        LoadedProgram loaded = load(structs(4), b.build(), MOV_4, new CoreRelo(0, 2, "0:0", 0));
        assertEquals(
                "failed to resolve CO-RE relocation <byte_off> [2] struct s.x (0:0 @ offset 4)",
                loaded.poison().get(0));
        assertEquals(MOV_4, loaded.insns().getFirst());
    }

    @Test
    void searchesInHostileTypesEnd() {
        BtfBuilder b = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
        b.integer("int", 4, 1);
        // an anonymous struct that contains itself three times
        Object[] members = {"", 2, 0, "", 2, 0, "", 2, 0};
        b.struct("s", 16, false, members);
        assertThrows(
                BpfException.class,
                () -> load(structs(4), b.build(), MOV_4, new CoreRelo(0, 2, "0:0", 0)));
    }

    @Test
    void kconfigTextKeepsTheFirstValue() {
        byte[] text = "CONFIG_A=1\nCONFIG_A=2\nOTHER=3\n".getBytes(StandardCharsets.US_ASCII);
        assertEquals(
                Map.of("CONFIG_A", "1"),
                Kconfig.parse(new String(text, StandardCharsets.US_ASCII)));
    }
}
