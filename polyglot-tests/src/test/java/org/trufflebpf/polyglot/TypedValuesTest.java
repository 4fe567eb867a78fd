package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyHashMap;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Values by their types in BTF, and maps of every shape, through the host's interface. */
class TypedValuesTest {
    private static final BigInteger U64_MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private Context context;
    private Value object;

    @BeforeEach
    void open() {
        context = Polyglot.context().build();
        object = Polyglot.types(context);
    }

    @AfterEach
    void close() {
        context.close();
    }

    private Value map(String name) {
        return object.getMember("maps").getMember(name);
    }

    private Value flow() {
        map("flows").putHashEntry(1, ProxyObject.fromMap(Map.of()));
        return map("flows").getHashValue(1);
    }

    private static String errorOf(org.junit.jupiter.api.function.Executable action) {
        PolyglotException error = assertThrows(PolyglotException.class, action);
        assertTrue(error.isGuestException(), error::toString);
        assertFalse(error.isInternalError(), error::toString);
        return error.getMessage();
    }

    @ParameterizedTest
    @CsvSource({
        "ttl, 0, 255, u8",
        "delta, -128, 127, s8",
        "port, 0, 65535, u16",
        "shift, -32768, 32767, s16",
        "address, 0, 4294967295, u32",
        "offset, -2147483648, 2147483647, s32",
        "bytes, 0, 18446744073709551615, u64",
        "balance, -9223372036854775808, 9223372036854775807, s64",
        "flag, 0, 1, u1",
        "level, 0, 31, u5",
        "tilt, -64, 63, s7",
    })
    void integersKeepTheirRange(String field, BigInteger min, BigInteger max, String type) {
        Value flow = flow();
        for (BigInteger fits : List.of(min, max, BigInteger.ONE)) {
            flow.putMember(field, fits);
            assertEquals(fits, flow.getMember(field).asBigInteger(), field);
        }
        flow.putMember(field, max);
        for (BigInteger tooFar : List.of(min.subtract(BigInteger.ONE), max.add(BigInteger.ONE))) {
            assertEquals(
                    "value " + tooFar + " does not fit " + type + " field `" + field + "`",
                    errorOf(() -> flow.putMember(field, tooFar)));
            assertEquals(max, flow.getMember(field).asBigInteger(), "nothing was written");
        }
        errorOf(() -> flow.putMember(field, "text"));
        errorOf(() -> flow.putMember(field, 1.5));
    }

    @Test
    void bitFieldsLeaveTheirNeighboursAlone() {
        Value flow = flow();
        flow.putMember("flag", 1);
        flow.putMember("level", 21);
        flow.putMember("tilt", -33);
        flow.putMember("level", 10);
        assertEquals(1, flow.getMember("flag").asInt());
        assertEquals(10, flow.getMember("level").asInt());
        assertEquals(-33, flow.getMember("tilt").asInt());
    }

    @Test
    void enumsGoByName() {
        Value flow = flow();
        assertEquals(0, flow.getMember("proto").asInt(), "no name for 0");
        flow.putMember("proto", "UDP");
        assertEquals("UDP", flow.getMember("proto").asString());
        flow.putMember("proto", 6);
        assertEquals("TCP", flow.getMember("proto").asString());
        flow.putMember("big", "LARGEST");
        assertEquals("LARGEST", flow.getMember("big").asString());
        assertEquals(
                "'ICMP' is no value for enum proto field `proto`; it has TCP, UDP",
                errorOf(() -> flow.putMember("proto", "ICMP")));
    }

    @Test
    void textsBooleansFloatsPointers() {
        Value flow = flow();
        flow.putMember("name", "grün");
        assertEquals("grün", flow.getMember("name").asString());
        flow.putMember("name", "exactly 16 bytes");
        assertEquals("exactly 16 bytes", flow.getMember("name").asString());
        assertEquals(
                "\"this has 17 bytes\" has 17 bytes and does not fit char[16] field `name`",
                errorOf(() -> flow.putMember("name", "this has 17 bytes")));
        flow.putMember("up", true);
        assertTrue(flow.getMember("up").asBoolean());
        flow.putMember("up", 0);
        assertFalse(flow.getMember("up").asBoolean());
        errorOf(() -> flow.putMember("up", 2));
        flow.putMember("ratio", 0.1);
        assertEquals(0.1, flow.getMember("ratio").asDouble());
        assertTrue(flow.getMember("where").isNull());
        errorOf(() -> flow.putMember("where", 8));
    }

    @Test
    void partsAreLive() {
        Value flow = flow();
        Value again = map("flows").getHashValue(1);
        flow.getMember("peer").putMember("port", 80);
        flow.getMember("words").setArrayElement(3, 0xffffffffL);
        flow.getMember("peer").getMember("mac").setArrayElement(5, 7);
        assertEquals(80, again.getMember("peer").getMember("port").asInt());
        assertEquals(0xffffffffL, again.getMember("words").getArrayElement(3).asLong());
        assertEquals(7, again.getMember("peer").getMember("mac").getArrayElement(5).asInt());
        // members of an anonymous union are the struct's own, and share their bytes
        flow.putMember("id", 0x01020304);
        assertEquals(4, flow.getMember("octets").getArrayElement(0).asInt());
        assertThrows(
                ArrayIndexOutOfBoundsException.class,
                () -> flow.getMember("words").setArrayElement(4, 1));
        assertEquals(
                "value 256 does not fit u8 element [0]",
                errorOf(() -> flow.getMember("octets").setArrayElement(0, 256)));
    }

    @Test
    void structsAreWrittenWholeOrNotAtAll() {
        Value flow = flow();
        flow.putMember("peer", ProxyObject.fromMap(Map.of("port", 1, "mac", List.of(1, 2))));
        assertEquals(
                "value 300 does not fit u8 element [1] of field `mac`",
                errorOf(
                        () ->
                                flow.putMember(
                                        "peer",
                                        ProxyHashMap.from(
                                                Map.of("port", 9, "mac", List.of(1, 300))))));
        assertEquals(1, flow.getMember("peer").getMember("port").asInt());
        String message =
                errorOf(() -> flow.putMember("peer", ProxyObject.fromMap(Map.of("porto", 9))));
        assertEquals(
                "no field `porto` in struct inner field `peer`; fields are port, mac", message);
    }

    @Test
    void hashesHaveHashTraits() {
        Value counters = map("counters");
        assertTrue(counters.hasHashEntries());
        assertFalse(counters.hasHashEntry(7));
        counters.putHashEntry(7, ProxyObject.fromMap(Map.of("packets", 1)));
        counters.putHashEntry(8L, ProxyObject.fromMap(Map.of("bytes", U64_MAX)));
        assertEquals(2, counters.getHashSize());
        assertEquals(1, counters.getHashValue(7).getMember("packets").asInt());
        assertEquals(U64_MAX, counters.getHashValue(8).getMember("bytes").asBigInteger());
        List<Integer> keys = new ArrayList<>();
        Value walk = counters.getHashKeysIterator();
        while (walk.hasIteratorNextElement()) {
            keys.add(walk.getIteratorNextElement().asInt());
        }
        assertEquals(List.of(7, 8), keys.stream().sorted().toList());
        // full: the kernel's E2BIG
        PolyglotException full =
                assertThrows(
                        PolyglotException.class,
                        () -> counters.putHashEntry(9, ProxyObject.fromMap(Map.of())));
        assertEquals("E2BIG", full.getGuestObject().getMember("errno").asString());
        assertTrue(counters.removeHashEntry(7));
        assertFalse(counters.removeHashEntry(7));
        assertNull(counters.getHashValue("no key") == null ? null : "found");
        assertEquals(
                "value 4294967296 does not fit u32 key of map counters",
                errorOf(() -> counters.putHashEntry(1L << 32, ProxyObject.fromMap(Map.of()))));
    }

    @Test
    void programAndHostShareTheValue() {
        Value counters = map("counters");
        counters.putHashEntry(7, ProxyObject.fromMap(Map.of()));
        Value counter = counters.getHashValue(7);
        Value count = object.getMember("programs").getMember("count");
        Value result = count.execute((Object) packet(7));
        assertEquals("XDP_PASS", result.getMember("name").asString());
        assertEquals(2, result.getMember("value").asInt());
        assertEquals(1, counter.getMember("packets").asLong());
        counter.putMember("packets", 5);
        assertEquals("XDP_TX", count.execute((Object) packet(7)).getMember("name").asString());
        assertEquals(6, counter.getMember("packets").asLong());
        assertEquals(2, object.getMember("globals").getMember("runs").asLong());
    }

    private static byte[] packet(int first) {
        byte[] packet = new byte[64];
        packet[0] = (byte) first;
        return packet;
    }

    @Test
    void longestPrefixMatches() {
        Value routes = map("routes");
        Value texts = routes.getMember("addresses");
        texts.putHashEntry("10.0.0.0/8", 1);
        texts.putHashEntry("10.1.0.0/16", 2);
        assertEquals(2, texts.getHashValue("10.1.2.3").asInt());
        assertEquals(1, texts.getHashValue("10.2.2.3").asInt());
        assertFalse(texts.hasHashEntry("11.0.0.1"));
        Value key = routes.getHashKeysIterator().getIteratorNextElement();
        assertEquals(16, key.getMember("length").asInt());
        assertEquals(
                "10.1.0.0/16", texts.getHashKeysIterator().getIteratorNextElement().asString());
        assertEquals("'10.0.0' is no IPv4 address", errorOf(() -> texts.putHashEntry("10.0.0", 1)));
    }

    @Test
    void addressesOfIpv6AreTexts() {
        Value hosts = map("hosts6").getMember("addresses");
        hosts.putHashEntry("2001:db8::1", 6);
        assertEquals(6, hosts.getHashValue("2001:0db8:0:0:0:0:0:1").asInt());
        assertEquals(
                "2001:db8::1", hosts.getHashKeysIterator().getIteratorNextElement().asString());
        Value key = map("hosts6").getHashKeysIterator().getIteratorNextElement();
        assertEquals(0xb8, key.getMember("octets").getArrayElement(3).asInt());
        assertEquals(
                "'2001:db8::1::' is no IPv6 address",
                errorOf(() -> hosts.putHashEntry("2001:db8::1::", 1)));
        assertTrue(hosts.removeHashEntry("2001:db8::1"));
        Value routes = map("routes6").getMember("addresses");
        routes.putHashEntry("2001:db8::/32", 1);
        routes.putHashEntry("2001:db8:1::/48", 2);
        assertEquals(2, routes.getHashValue("2001:db8:1::7").asInt());
        assertEquals(1, routes.getHashValue("2001:db8:2::7").asInt());
        assertFalse(routes.hasHashEntry("2001:db9::1"));
        errorOf(() -> routes.putHashEntry("2001:db8::/129", 1));
        errorOf(() -> routes.putHashEntry("10.0.0.0/8", 1));
    }

    /** Numbers of 64 bits go in as they are; {@code r0} is signed, as C's {@code long}. */
    @Test
    void argumentsHaveAll64Bits() {
        Value identity = object.invokeMember("program", "identity");
        for (int run = 0; run < 3; run++) {
            assertEquals(-1, identity.execute(U64_MAX).getMember("r0").asLong());
            assertEquals(
                    Long.MIN_VALUE,
                    identity.execute(BigInteger.ONE.shiftLeft(63)).getMember("r0").asLong());
            assertEquals(5, identity.execute(5).getMember("r0").asLong());
            errorOf(() -> identity.execute(BigInteger.ONE.shiftLeft(64)));
        }
    }

    @Test
    void packetsAreBuffersAndSegmentsOfTheHost() {
        Value count = object.invokeMember("program", "count");
        ByteBuffer direct = ByteBuffer.allocateDirect(64).put(0, (byte) 9);
        for (Object packet :
                List.of(
                        packet(9),
                        ByteBuffer.wrap(packet(9)),
                        ByteBuffer.wrap(packet(9)).asReadOnlyBuffer(),
                        direct,
                        MemorySegment.ofArray(packet(9)),
                        MemorySegment.ofBuffer(direct))) {
            Value data = count.execute(packet).getMember("data");
            assertEquals(64, data.getBufferSize(), packet::toString);
            assertEquals(9, data.readBufferByte(0), packet::toString);
        }
        assertEquals(6, map("counters").getHashValue(9).getMember("packets").asInt());
    }

    /** An array of the host that grows while it is read writes nothing beside the value. */
    @Test
    void arrayThatGrowsMeanwhileIsRefused() {
        Value flow = flow();
        flow.putMember("words", List.of(1, 2, 3, 4));
        flow.getMember("peer").putMember("port", 80);
        ProxyArray growing = new RandomValues.Inconsistent(8, 1);
        assertFalse(errorOf(() -> flow.putMember("peer", growing)).isEmpty());
        assertEquals(80, flow.getMember("peer").getMember("port").asInt());
    }

    @Test
    void addressesAreTextsOnlyOnRequest() {
        Value counters = map("counters");
        counters.getMember("addresses").putHashEntry("1.0.0.127", ProxyObject.fromMap(Map.of()));
        assertTrue(counters.hasHashEntry(0x7f000001));
        errorOf(() -> counters.putHashEntry("1.0.0.127", ProxyObject.fromMap(Map.of())));
    }

    @Test
    void arraysAndCpus() {
        Value table = map("table");
        assertEquals(4, table.getArraySize());
        table.setArrayElement(2, ProxyObject.fromMap(Map.of("bytes", 3)));
        assertEquals(3, table.getArrayElement(2).getMember("bytes").asInt());
        assertThrows(ArrayIndexOutOfBoundsException.class, () -> table.getArrayElement(4));
        Value percpu = map("percpu");
        percpu.getArrayElement(1).setArrayElement(1, 9);
        percpu.setArrayElement(0, List.of(1, 2));
        assertEquals(9, percpu.getArrayElement(1).getArrayElement(1).asInt());
        assertEquals(2, percpu.getArrayElement(0).getArrayElement(1).asInt());
        assertEquals(2, percpu.getArrayElement(0).getArraySize());
        assertTrue(
                errorOf(() -> percpu.setArrayElement(0, List.of(1)))
                        .startsWith("1 values where there are 2 CPUs"));
        Value hash = map("percpu_hash");
        hash.putHashEntry(
                1,
                List.of(
                        ProxyObject.fromMap(Map.of("packets", 1)),
                        ProxyObject.fromMap(Map.of("packets", 2))));
        assertEquals(2, hash.getHashValue(1).getArrayElement(1).getMember("packets").asInt());
    }

    @Test
    void queueAndStack() {
        Value queue = map("queue");
        queue.invokeMember("push", 1);
        queue.invokeMember("push", 2);
        PolyglotException full =
                assertThrows(PolyglotException.class, () -> queue.invokeMember("push", 3));
        assertEquals("E2BIG", full.getGuestObject().getMember("errno").asString());
        queue.invokeMember("push", 3, 2);
        assertEquals(List.of(2, 3), all(queue.getIterator()));
        assertEquals(2, queue.invokeMember("peek").asInt());
        assertEquals(2, queue.invokeMember("pop").asInt());
        assertEquals(3, queue.invokeMember("pop").asInt());
        assertTrue(queue.invokeMember("pop").isNull());
        Value stack = map("stack");
        stack.invokeMember("push", 1);
        stack.invokeMember("push", 2);
        assertEquals(List.of(2, 1), all(stack.getIterator()));
        Value bloom = map("bloom");
        bloom.invokeMember("push", 5);
        assertTrue(bloom.invokeMember("mayContain", 5).asBoolean());
    }

    private static List<Integer> all(Value iterator) {
        List<Integer> found = new ArrayList<>();
        while (iterator.hasIteratorNextElement()) {
            found.add(iterator.getIteratorNextElement().asInt());
        }
        return found;
    }

    @Test
    void eventsStayUntilTheyAreTaken() {
        Value count = object.getMember("programs").getMember("count");
        count.executeVoid((Object) packet(1));
        count.executeVoid((Object) packet(1));
        Value records = map("ring").invokeMember("records", "struct counter").getIterator();
        assertEquals(1, records.getIteratorNextElement().getMember("packets").asInt());
        assertEquals(2, records.getIteratorNextElement().getMember("packets").asInt());
        assertFalse(records.hasIteratorNextElement());
        List<String> seen = new ArrayList<>();
        ProxyExecutable callback =
                arguments -> {
                    seen.add(arguments[0].readBufferByte(0) + " on " + arguments[1]);
                    return null;
                };
        assertEquals(2, map("perf").invokeMember("poll", callback).asInt());
        assertEquals(List.of("1 on 0", "2 on 0"), seen);
        count.executeVoid((Object) packet(1));
        count.executeVoid((Object) packet(1));
        ProxyExecutable stop = arguments -> -1;
        assertEquals(1, map("ring").invokeMember("poll", stop).asInt());
        assertTrue(map("ring").getIterator().hasIteratorNextElement());
    }

    @Test
    void mapsInMapsAndPrograms() {
        Value nested = map("nested");
        nested.getArrayElement(0).setArrayElement(1, 42);
        assertEquals(42, map("first").getArrayElement(1).asInt());
        assertTrue(nested.getArrayElement(1).isNull());
        nested.setArrayElement(1, map("second"));
        assertEquals("second", nested.getArrayElement(1).getMember("name").asString());
        errorOf(() -> nested.setArrayElement(1, map("counters")));
        Value jumps = map("jumps");
        assertTrue(jumps.getArrayElement(0).isNull());
        jumps.setArrayElement(0, object.getMember("programs").getMember("count"));
        assertEquals("count", jumps.getArrayElement(0).getMember("name").asString());
    }

    @Test
    void withoutTypesThereAreBytes() {
        Value untyped = map("untyped");
        untyped.putHashEntry(new byte[] {1, 2, 3, 4, 5, 6}, new int[] {255, 0, 1});
        Value value = untyped.getHashValue(new byte[] {1, 2, 3, 4, 5, 6});
        assertEquals(3, value.getBufferSize());
        value.writeBufferByte(1, (byte) 9);
        assertEquals(9, untyped.getHashValue(new byte[] {1, 2, 3, 4, 5, 6}).readBufferByte(1));
        assertTrue(
                errorOf(() -> untyped.putHashEntry(new byte[6], new byte[4]))
                        .startsWith("4 bytes where 3 bytes are expected"));
    }

    @Test
    void whatMayNotBeWrittenIsNot() {
        Value reads = map("user_reads");
        assertThrows(PolyglotException.class, () -> reads.setArrayElement(0, 1));
        Value guarded = map("guarded").getArrayElement(0);
        assertTrue(guarded.getMember("lock").toString().contains("bpf_spin_lock"));
        errorOf(() -> guarded.putMember("lock", 1));
        guarded.putMember("value", 3);
        assertEquals(3, guarded.getMember("value").asInt());
    }

    @Test
    void globalsAreMembersAndConstantsFreeze() {
        Value globals = object.getMember("globals");
        assertEquals(5, globals.getMember("limit").asInt());
        assertEquals(-1, globals.getMember("signed_global").asLong());
        assertEquals("abc", globals.getMember("text").asString());
        globals.putMember("limit", 0);
        globals.putMember("last", ProxyObject.fromMap(Map.of("name", "x")));
        assertEquals("x", globals.getMember("last").getMember("name").asString());
        Value count = object.getMember("programs").getMember("count");
        assertEquals("XDP_TX", count.execute((Object) packet(1)).getMember("name").asString());
        String message = errorOf(() -> globals.putMember("limit", 1));
        assertTrue(message.contains("read-only after load (EPERM)"), message);
        globals.putMember("runs", 0);
        assertThrows(UnsupportedOperationException.class, () -> globals.putMember("unknown", 1));
    }

    @Test
    void objectTellsItsTypes() {
        Value btf = object.getMember("btf");
        Value flow = btf.invokeMember("find", "flow");
        assertEquals("struct flow", flow.getMember("text").asString());
        assertEquals(
                "ttl", flow.getMember("fields").getArrayElement(0).getMember("name").asString());
        assertTrue(btf.getArraySize() > 50);
        assertTrue(btf.invokeMember("find", "nothing").isNull());
        assertEquals("GPL", object.getMember("license").asString());
    }

    @Test
    void programsTakeFieldsAndArguments() {
        Value programs = object.getMember("programs");
        Value result =
                programs.getMember("mark")
                        .execute(new byte[64], ProxyObject.fromMap(Map.of("priority", 6)));
        assertEquals(7, result.getMember("value").asInt());
        assertEquals(7, result.getMember("context").getMember("mark").asInt());
        errorOf(
                () ->
                        programs.getMember("mark")
                                .execute(new byte[64], ProxyObject.fromMap(Map.of("nothing", 6))));
        assertEquals(-3, programs.getMember("add").execute(2, -5).getMember("r0").asLong());
        assertArrayEquals(
                new byte[] {9, 0},
                new byte[] {
                    programs.getMember("count")
                            .execute((Object) packet(9))
                            .getMember("data")
                            .readBufferByte(0),
                    0
                });
    }

    @Test
    void objectsShareMapsByHandingThemOver() {
        Value counters = map("counters");
        Value other =
                object.invokeMember(
                        "instantiate",
                        ProxyObject.fromMap(
                                Map.of("maps", ProxyObject.fromMap(Map.of("counters", counters)))));
        other.getMember("programs").getMember("count").executeVoid((Object) packet(3));
        assertEquals(1, counters.getHashValue(3).getMember("packets").asInt());
        assertEquals(0, map("table").getArrayElement(0).getMember("packets").asInt());
        String message =
                errorOf(
                        () ->
                                object.invokeMember(
                                                "instantiate",
                                                ProxyObject.fromMap(
                                                        Map.of(
                                                                "maps",
                                                                ProxyObject.fromMap(
                                                                        Map.of(
                                                                                "counters",
                                                                                map("flows"))))))
                                        .getMember("maps")
                                        .getMember("counters")
                                        .getHashSize());
        assertTrue(message.contains("value_size"), message);
    }

    @Test
    void objectsShareMapsByPinning() {
        Value other = Polyglot.types(context);
        map("shared").setArrayElement(0, 77);
        assertEquals(77, other.getMember("maps").getMember("shared").getArrayElement(0).asInt());
        map("table").setArrayElement(0, ProxyObject.fromMap(Map.of("packets", 1)));
        assertEquals(
                0,
                other.getMember("maps")
                        .getMember("table")
                        .getArrayElement(0)
                        .getMember("packets")
                        .asInt());
    }
}
