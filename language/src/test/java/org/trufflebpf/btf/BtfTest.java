package org.trufflebpf.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.elf.ByteView;
import org.trufflebpf.elf.ElfBuilder;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

@Timeout(60)
class BtfTest {
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;

    @Test
    void readsEveryKindInBothByteOrders() {
        for (ByteOrder order : List.of(LITTLE, ByteOrder.BIG_ENDIAN)) {
            BtfBuilder b = new BtfBuilder(order);
            int u32 = b.integer("unsigned int", 4, 0);
            int ptr = b.pointer(u32);
            int array = b.array(u32, 3);
            int struct = b.struct("s", 20, true, "a", array, 0, "bits", u32, 5 << 24 | 96);
            int union = b.union("u", 8, "p", ptr, 0);
            int enumeration = b.enumeration("e", true, "NEG", -1, "ONE", 1);
            int fwd = b.type("f", BtfKind.FWD, 0, true, 0);
            int typedef = b.type("t", BtfKind.TYPEDEF, 0, false, struct);
            int constant = b.type("", BtfKind.CONST, 0, false, typedef);
            int proto = b.type("", BtfKind.FUNC_PROTO, 2, false, u32, b.string("x"), ptr, 0, 0);
            int func = b.type("main", BtfKind.FUNC, 1, false, proto);
            int variable = b.type("v", BtfKind.VAR, 0, false, u32, 1);
            int datasec = b.type(".data", BtfKind.DATASEC, 1, false, 4, variable, 0, 4);
            int number = b.type("double", BtfKind.FLOAT, 0, false, 8);
            int declTag = b.type("tag", BtfKind.DECL_TAG, 0, false, struct, 1);
            int typeTag = b.type("user", BtfKind.TYPE_TAG, 0, false, u32);
            int enum64 =
                    b.type("big", BtfKind.ENUM64, 1, false, 8, b.string("HUGE"), 5, 0x80000000);
            int vol = b.type("", BtfKind.VOLATILE, 0, false, constant);
            int restrict = b.type("", BtfKind.RESTRICT, 0, false, ptr);
            Btf btf = b.build();

            assertEquals(order, btf.order());
            assertEquals(restrict + 1, btf.typeCount());
            assertEquals(new BtfType.Int(u32, "unsigned int", 4, 0, 0, 32), btf.type(u32));
            assertEquals(new BtfType.Array(array, u32, u32, 3), btf.type(array));
            assertEquals(
                    List.of(
                            new BtfType.Member("a", array, 0, 0),
                            new BtfType.Member("bits", u32, 96, 5)),
                    ((BtfType.Composite) btf.type(struct)).members());
            assertEquals(BtfKind.UNION, btf.kind(union));
            assertEquals("NEG", ((BtfType.Enumeration) btf.type(enumeration)).nameOf(-1));
            assertEquals(new BtfType.Forward(fwd, "f", true), btf.type(fwd));
            assertEquals(struct, btf.skipModifiers(vol));
            assertEquals(20, btf.sizeOf(vol));
            assertEquals(8, btf.sizeOf(restrict));
            assertEquals(12, btf.sizeOf(array));
            assertEquals(4, btf.sizeOf(typeTag));
            assertEquals(4, btf.sizeOf(datasec));
            assertEquals(-1, btf.sizeOf(func));
            assertEquals(-1, btf.sizeOf(0));
            assertEquals(4, btf.alignOf(struct));
            assertEquals(8, btf.alignOf(union));
            assertEquals(
                    List.of(new BtfType.Param("x", ptr), new BtfType.Param("", 0)),
                    ((BtfType.FuncProto) btf.type(proto)).params());
            assertEquals(new BtfType.Func(func, "main", proto, 1), btf.type(func));
            assertEquals(new BtfType.Floating(number, "double", 8), btf.type(number));
            assertEquals(new BtfType.DeclTag(declTag, "tag", struct, 1), btf.type(declTag));
            assertEquals(
                    0x80000000_00000005L,
                    ((BtfType.Enumeration) btf.type(enum64)).values().getFirst().value());
            assertEquals(func, btf.find("main", BtfKind.FUNC));
            assertEquals(0, btf.find("main", BtfKind.VAR));
            assertEquals(0, btf.find("mai", BtfKind.FUNC));
        }
    }

    @Test
    void findsFlavorsByEssentialName() {
        BtfBuilder b = new BtfBuilder(LITTLE);
        int plain = b.struct("task", 4, false);
        int flavor = b.struct("task___v2", 4, false);
        int other = b.struct("task__v3", 4, false);
        Btf btf = b.build();
        assertEquals(List.of(plain, flavor), btf.candidates("task___local"));
        assertEquals(List.of(other), btf.candidates("task__v3"));
        assertEquals("a", Btf.essentialName("a___b"));
        assertEquals("a___b", Btf.essentialName("a___b___c"));
        assertEquals("____b", Btf.essentialName("____b"));
        assertEquals("a____b", Btf.essentialName("a____b"));
        assertEquals("___b", Btf.essentialName("___b"));
    }

    @Test
    void cyclesAndDepthEndInAnError() {
        BtfBuilder b = new BtfBuilder(LITTLE);
        b.type("a", BtfKind.TYPEDEF, 0, false, 2);
        b.type("b", BtfKind.TYPEDEF, 0, false, 1);
        b.struct("self", 8, false, "", 3, 0, "x", 3, 0);
        b.type("", BtfKind.ARRAY, 0, false, 0, 4, 4, 2);
        Btf btf = b.build();
        assertThrows(BpfException.class, () -> btf.resolve(1));
        assertEquals(-1, btf.sizeOf(1));
        assertEquals(-1, btf.sizeOf(4));
        assertEquals(8, btf.sizeOf(3));
        assertThrows(BpfException.class, () -> btf.alignOf(3));
    }

    @Test
    void sizesDoNotWrap() {
        BtfBuilder b = new BtfBuilder(LITTLE);
        int id = b.integer("int", 4, 1);
        for (int i = 0; i < 5; i++) {
            id = b.array(id, -1);
        }
        assertEquals(Long.MAX_VALUE, b.build().sizeOf(id));
    }

    private static void refused(String expected, byte[] bytes) {
        BpfException e = assertThrows(BpfException.class, () -> Btf.parse("x.btf", bytes));
        assertTrue(e.describe().contains(expected), e.describe());
    }

    private static byte[] with(int offset, int value) {
        BtfBuilder b = new BtfBuilder(LITTLE);
        b.integer("int", 4, 1);
        b.pointer(1);
        byte[] bytes = b.bytes();
        ByteBuffer.wrap(bytes).order(LITTLE).putInt(offset, value);
        return bytes;
    }

    @Test
    void refusesWrongData() {
        refused("expected 2 bytes", new byte[1]);
        refused("BTF magic 0x", new byte[30]);
        refused("BTF version 2", with(0, 0x0002eb9f));
        refused("BTF header of 4 bytes", with(4, 4));
        refused("BTF header", with(4, 1 << 20));
        refused("BTF type section needs 4294967295 bytes", with(12, -1));
        refused("BTF type section is not aligned", with(12, 27));
        refused("BTF string section needs", with(20, 1000));
        refused("has to begin and end with a NUL", with(20, 0));
        refused("BTF type 1 has kind 31", with(28, 31 << 24));
        refused("BTF type 2 (struct) is cut off", with(44, 4 << 24 | 9));
        refused("BTF type 1 (int) refers to a name", with(24, 99));
        refused("BTF type 2 (ptr) refers to", with(48, 3));
        refused(
                "BTF type 1 (int) refers to a name or type that does not exist, or has an"
                        + " impossible size",
                with(32, 0));
        refused("no .BTF section", new ElfBuilder(LITTLE).build());
    }

    @Test
    void acceptsLongerHeaders() {
        BtfBuilder b = new BtfBuilder(LITTLE);
        b.integer("int", 4, 1);
        byte[] bytes = b.bytes();
        ByteBuffer longer = ByteBuffer.allocate(bytes.length + 8).order(LITTLE);
        longer.put(bytes, 0, 24).putLong(0).put(bytes, 24, bytes.length - 24).putInt(4, 32);
        assertEquals("int", Btf.parse("x", longer.array()).name(1));
    }

    @Test
    void typesOutOfRangeAreRefused() {
        Btf btf = Btf.parse("x", with(0, 0x0001eb9f));
        for (int id : new int[] {3, -1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertThrows(BpfException.class, () -> btf.type(id));
        }
    }

    @Test
    void extKeepsRecordsOfAnySize() {
        BtfBuilder b = new BtfBuilder(LITTLE);
        int section = b.string("xdp");
        int access = b.string("0:1");
        Btf btf = b.build();
        ByteBuffer out = ByteBuffer.allocate(200).order(LITTLE);
        out.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(32);
        out.putInt(0).putInt(28).putInt(28).putInt(32).putInt(64).putInt(28);
        out.putInt(12).putInt(section).putInt(1).putInt(8).putInt(7).putInt(-1).putInt(0);
        out.position(32 + 28);
        out.putInt(20)
                .putInt(section)
                .putInt(1)
                .putInt(16)
                .putInt(section)
                .putInt(access)
                .putInt(12 << 10 | 3);
        out.position(32 + 64);
        out.putInt(16).putInt(section).putInt(1).putInt(24).putInt(5).putInt(access).putInt(11);
        byte[] bytes = out.array();
        ByteBuffer.wrap(bytes).order(LITTLE).putInt(12, 24);
        BtfExt ext = BtfExt.parse(ByteView.of(bytes, LITTLE, Where.file("x")), btf);
        assertEquals(List.of(new BtfExt.FuncInfo(8, 7)), ext.functions("xdp"));
        BtfExt.Line line = ext.lines("xdp").getFirst();
        assertEquals(12, line.lineNumber());
        assertEquals(3, line.column());
        assertEquals(List.of(new BtfExt.Core(24, 5, access, 11)), ext.relocations("xdp"));
        assertEquals(List.of(), ext.relocations("tc"));

        ByteBuffer.wrap(bytes).order(LITTLE).putInt(32 + 8, 1 << 30);
        assertThrows(
                BpfException.class,
                () -> BtfExt.parse(ByteView.of(bytes, LITTLE, Where.UNKNOWN), btf));
        ByteBuffer.wrap(bytes).order(LITTLE).putInt(32, 4);
        assertThrows(
                BpfException.class,
                () -> BtfExt.parse(ByteView.of(bytes, LITTLE, Where.UNKNOWN), btf));
        assertThrows(
                BpfException.class,
                () ->
                        BtfExt.parse(
                                ByteView.of(Arrays.copyOf(bytes, 30), LITTLE, Where.UNKNOWN), btf));
    }

    @Test
    void readsTheRunningKernel() throws IOException {
        Path file = Path.of("/sys/kernel/btf/vmlinux");
        assumeTrue(Files.isReadable(file), "no /sys/kernel/btf/vmlinux");
        Btf btf = Btf.parse("vmlinux", Files.readAllBytes(file));
        int task = btf.find("task_struct", BtfKind.STRUCT);
        assertTrue(((BtfType.Composite) btf.type(task)).member("pid") != null);
        assertTrue(btf.sizeOf(task) > 1000);
        for (int id = 0; id < btf.typeCount(); id++) {
            btf.type(id);
        }
    }
}
