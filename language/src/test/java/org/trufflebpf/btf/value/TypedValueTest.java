package org.trufflebpf.btf.value;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfBuilder;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;

import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

@Timeout(60)
class TypedValueTest {
    /** A BTF with some types, in one byte order. */
    private static final class Types {
        final ByteOrder order;
        final BtfBuilder b;
        final int u8;
        final int u16;
        final int u32;
        final int s32;
        final int u64;
        final int bool;
        final int chars;
        final int mac;
        final int in6;
        final int color;
        final int stats;
        final int lpm4;
        final int lpm6;
        final int mixed;
        final int bits;
        final int floats;
        final int selfNested;
        final int data;
        final Btf btf;

        Types(ByteOrder order) {
            this.order = order;
            b = new BtfBuilder(order);
            u8 = b.integer("unsigned char", 1, 0);
            u16 = b.integer("unsigned short", 2, 0);
            u32 = b.integer("unsigned int", 4, 0);
            s32 = b.integer("int", 4, 1);
            u64 = b.integer("unsigned long", 8, 0);
            bool = b.integer("bool", 1, 4);
            int character = b.integer("char", 1, 1);
            chars = b.array(character, 8);
            mac = b.array(u8, 6);
            in6 = b.array(u32, 4);
            color = b.enumeration("color", false, "RED", 0, "GREEN", 7);
            stats = b.struct("stats", 16, false, "packets", u64, 0, "bytes", u64, 64);
            lpm4 = b.struct("lpm4", 8, false, "prefixlen", u32, 0, "addr", u32, 32);
            lpm6 = b.struct("lpm6", 20, false, "prefixlen", u32, 0, "addr", in6, 32);
            int union = b.union("", 4, "whole", u32, 0, "proto", u8, 0);
            int pointer = b.pointer(0);
            int pair = b.array(u16, 2);
            mixed =
                    b.struct(
                            "mixed", 40, false, "name", chars, 0, "", union, 64, "color", color, 96,
                            "ok", bool, 128, "ptr", pointer, 192, "pair", pair, 256, "signed", s32,
                            288);
            bits =
                    b.struct(
                            "bits",
                            4,
                            true,
                            "low",
                            u32,
                            3 << 24,
                            "mid",
                            s32,
                            5 << 24 | 3,
                            "high",
                            color,
                            4 << 24 | 8);
            floats =
                    b.struct(
                            "floats",
                            16,
                            false,
                            "f",
                            b.type("float", BtfKind.FLOAT, 0, false, 4),
                            0,
                            "d",
                            b.type("double", BtfKind.FLOAT, 0, false, 8),
                            64);
            int next = b.struct("self", 0, false, "a", 1, 0);
            selfNested = b.struct("self", 8, false, "a", next + 1, 0, "b", next + 1, 0);
            int variable = b.type("counter", BtfKind.VAR, 0, false, u32, 1);
            data = b.type(".data", BtfKind.DATASEC, 1, false, 8, variable, 4, 4);
            btf = b.build();
        }

        byte[] parse(int type, String text) {
            return new TypedParse(btf, order)
                    .parse(type, (int) btf.sizeOf(type), text, "value of map m");
        }

        String roundTrip(int type, String text) {
            return new TypedFormat(btf, order).text(type, parse(type, text));
        }

        void refuses(int type, String text, String expected) {
            BpfException e = assertThrows(BpfException.class, () -> parse(type, text));
            assertEquals(Failure.USAGE, e.failure());
            assertTrue(e.getMessage().contains(expected), e.getMessage());
        }
    }

    private static final Types LITTLE = new Types(ByteOrder.LITTLE_ENDIAN);
    private static final Types BIG = new Types(ByteOrder.BIG_ENDIAN);

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void roundTripsInBothByteOrders() {
        for (Types t : List.of(LITTLE, BIG)) {
            assertEquals("{packets=3, bytes=180}", t.roundTrip(t.stats, "packets=3,bytes=180"));
            assertEquals("{packets=0, bytes=1}", t.roundTrip(t.stats, " { .bytes = 1 } "));
            assertEquals(
                    "{low=5, mid=-16, high=GREEN}",
                    t.roundTrip(t.bits, "low=5,mid=-16,high=GREEN"));
            assertEquals("{f=1.5, d=-2.25}", t.roundTrip(t.floats, "f=1.5, d=-2.25"));
            assertEquals(
                    "{name=\"eth0\", whole=17, proto="
                            + (t == LITTLE ? 17 : 0)
                            + ", color=GREEN, ok=true, ptr=0xff, pair=[1, 2], signed=-3}",
                    t.roundTrip(
                            t.mixed,
                            "name=\"eth0\",whole=17,color=GREEN,ok=true,ptr=0xff,pair=[1,2],signed=-3"));
            assertEquals("\"a b\"", t.roundTrip(t.chars, "a b"));
            assertEquals("18446744073709551615", t.roundTrip(t.u64, "18446744073709551615"));
            assertEquals("[1, 2, 3, 0]", t.roundTrip(t.in6, "[1,2,3]"));
            assertEquals("9", t.roundTrip(t.color, "9"));
            assertEquals("-1", t.roundTrip(t.s32, "0xffffffff"));
        }
    }

    @Test
    void bytesAreInTheOrderOfTheObject() {
        assertEquals("2c010000", hex(LITTLE.parse(LITTLE.u32, "300")));
        assertEquals("0000012c", hex(BIG.parse(BIG.u32, "300")));
        assertEquals("c5030000", hex(LITTLE.parse(LITTLE.bits, "low=5,mid=-8,high=3")));
    }

    @Test
    void addressesAreInNetworkOrder() {
        for (Types t : List.of(LITTLE, BIG)) {
            assertEquals("0a000001", hex(t.parse(t.u32, "10.0.0.1")));
            assertEquals("020000000001", hex(t.parse(t.mac, "02:00:00:00:00:01")));
            assertEquals("fe800000000000000000000000000001", hex(t.parse(t.in6, "fe80::1")));
            assertEquals("00000000000000000000ffff01020304", hex(t.parse(t.in6, "::ffff:1.2.3.4")));
            assertEquals(
                    t == LITTLE ? "080000000a000000" : "000000080a000000",
                    hex(t.parse(t.lpm4, "10.0.0.0/8")));
            assertTrue(
                    hex(t.parse(t.lpm6, "fd00::/64")).endsWith("fd000000000000000000000000000000"));
        }
    }

    @Test
    void hexIsTakenAsItIs() {
        assertEquals("0a0b0c0d", hex(LITTLE.parse(LITTLE.u32, "hex:0a0b 0c0d")));
        assertEquals("0a0b0c0d0e0f", hex(LITTLE.parse(LITTLE.mac, "0a 0b 0c 0d 0e 0f")));
        LITTLE.refuses(LITTLE.u32, "hex:0a0b0c", "has 3 bytes, expected 4");
        LITTLE.refuses(LITTLE.u32, "hex:0a0", "is not hex");
    }

    @Test
    void refusesWhatDoesNotFit() {
        Types t = LITTLE;
        t.refuses(t.mixed, "proto=300", "value 300 does not fit u8 field `proto`");
        t.refuses(t.u32, "-1", "value -1 does not fit u32");
        t.refuses(t.u32, "4294967296", "does not fit u32");
        t.refuses(t.s32, "2147483648", "does not fit s32");
        t.refuses(t.bits, "low=8", "value 8 does not fit u3 field `low`");
        t.refuses(t.bits, "mid=16", "value 16 does not fit s5 field `mid`");
        t.refuses(t.mixed, "ok=2", "does not fit bool field `ok`");
        t.refuses(t.mixed, "name=\"123456789\"", "has 9 bytes, at most 8 fit");
        t.refuses(t.lpm4, "10.0.0.0/33", "is not from 0 to 32");
        t.refuses(t.mixed, "pair=[1,2,3]", "more than the 2 elements");
        t.refuses(t.mixed, "colour=1", "no field `colour` in struct mixed; fields are name");
        t.refuses(t.color, "BLUE", "'BLUE' is no enum color");
        t.refuses(t.u32, "10.0.0.256", "is no u32");
        t.refuses(t.stats, "5", "expected {field=value, ...}");
        t.refuses(t.stats, "{packets=1", "expected '}' at the end");
        t.refuses(t.stats, "{packets=1} x", "is left over");
        t.refuses(t.stats, "packets", "is no value of struct stats");
        t.refuses(t.mixed, "pair=[1", "expected ']'");
        t.refuses(t.u32, "", "is no u32");
        t.refuses(t.mixed, "name=\"abc", "no closing quote");
    }

    @Test
    void worksWithoutTypes() {
        TypedParse parse = new TypedParse(null, ByteOrder.BIG_ENDIAN);
        assertEquals("00000005", hex(parse.parse(0, 4, "5", "key")));
        assertEquals("fffe", hex(parse.parse(0, 2, "-2", "key")));
        assertEquals("0a00000a", hex(parse.parse(0, 4, "10.0.0.10", "key")));
        assertEquals("0a0b0c", hex(parse.parse(0, 3, "0a 0b 0c", "key")));
        assertEquals("61620000", hex(parse.parse(0, 4, "\"ab\"", "key")));
        assertThrows(BpfException.class, () -> parse.parse(0, 2, "65536", "key"));
        assertThrows(BpfException.class, () -> parse.parse(0, 2, "-32769", "key"));
        assertThrows(BpfException.class, () -> parse.parse(0, 2, "zebra", "key"));
        assertEquals("0a 0b", TypedFormat.hex(new byte[] {10, 11}));
        assertEquals(0x0a0bL, TypedFormat.number(new byte[] {10, 11}, ByteOrder.BIG_ENDIAN));
    }

    @Test
    void treeIsMadeForJson() {
        Types t = LITTLE;
        TypedFormat format = new TypedFormat(t.btf, t.order);
        Object tree =
                format.tree(
                        t.mixed, t.parse(t.mixed, "name=ab,color=GREEN,ok=true,pair=[1,2],ptr=1"));
        Map<?, ?> map = (Map<?, ?>) tree;
        assertEquals("ab", map.get("name"));
        assertEquals("GREEN", map.get("color"));
        assertEquals(true, map.get("ok"));
        assertEquals("0x1", map.get("ptr"));
        assertEquals(List.of(1L, 2L), map.get("pair"));
        assertEquals(
                "{name=ab, whole=0, proto=0, color=GREEN, ok=true, ptr=0x1, pair=[1, 2], signed=0}",
                TypedFormat.text(tree));
        assertEquals("[\"a b\", 3]", TypedFormat.text(List.of("a b", 3L)));
        byte[] ones = new byte[8];
        java.util.Arrays.fill(ones, (byte) -1);
        assertEquals(BigInteger.TWO.pow(64).subtract(BigInteger.ONE), format.tree(t.u64, ones));
        assertEquals(
                Map.of("counter", 9L), format.tree(t.data, new byte[] {0, 0, 0, 0, 9, 0, 0, 0}));
        assertEquals(
                List.of(1L, 0L, 0L, 0L, 0L, 0L, 0L, 2L),
                format.tree(t.chars, new byte[] {1, 0, 0, 0, 0, 0, 0, 2}));
    }

    @Test
    void shortAndEndlessValuesAreRefused() {
        TypedFormat format = new TypedFormat(LITTLE.btf, LITTLE.order);
        assertThrows(BpfException.class, () -> format.tree(LITTLE.u32, new byte[3]));
        assertThrows(BpfException.class, () -> format.tree(LITTLE.in6, new byte[15]));
        assertThrows(BpfException.class, () -> format.tree(LITTLE.data, new byte[7]));
        assertThrows(BpfException.class, () -> format.tree(LITTLE.selfNested, new byte[8]));
        assertThrows(BpfException.class, () -> format.tree(0, new byte[8]));
    }

    @Test
    void bitsRoundTrip() {
        for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
            for (int offset = 0; offset < 20; offset++) {
                for (int width = 1; width <= 64; width++) {
                    byte[] bytes = new byte[12];
                    BigInteger value =
                            new BigInteger("a5c3f00f12345678", 16)
                                    .mod(BigInteger.ONE.shiftLeft(width));
                    Bits.write(bytes, offset, width, value, order);
                    assertEquals(value, Bits.read(bytes, offset, width, false, order));
                    Bits.write(bytes, offset, width, BigInteger.ZERO, order);
                    assertArrayEquals(new byte[12], bytes);
                }
            }
        }
    }
}
