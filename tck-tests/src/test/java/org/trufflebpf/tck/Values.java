package org.trufflebpf.tck;

import static org.graalvm.polyglot.tck.TypeDescriptor.ANY;
import static org.graalvm.polyglot.tck.TypeDescriptor.ARRAY;
import static org.graalvm.polyglot.tck.TypeDescriptor.BOOLEAN;
import static org.graalvm.polyglot.tck.TypeDescriptor.EXECUTABLE_ANY;
import static org.graalvm.polyglot.tck.TypeDescriptor.HASH;
import static org.graalvm.polyglot.tck.TypeDescriptor.ITERABLE;
import static org.graalvm.polyglot.tck.TypeDescriptor.NULL;
import static org.graalvm.polyglot.tck.TypeDescriptor.NUMBER;
import static org.graalvm.polyglot.tck.TypeDescriptor.OBJECT;
import static org.graalvm.polyglot.tck.TypeDescriptor.STRING;
import static org.graalvm.polyglot.tck.TypeDescriptor.array;
import static org.graalvm.polyglot.tck.TypeDescriptor.hash;
import static org.graalvm.polyglot.tck.TypeDescriptor.intersection;
import static org.graalvm.polyglot.tck.TypeDescriptor.iterable;
import static org.graalvm.polyglot.tck.TypeDescriptor.iterator;

import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.graalvm.polyglot.tck.Snippet;
import org.graalvm.polyglot.tck.TypeDescriptor;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** One value of each kind that the language has, from {@code values.o}. */
final class Values {
    /** What has no trait at all, such as a spin lock. */
    private static final TypeDescriptor NOTHING = intersection();

    private final Value object;
    private final Value all;
    private final List<Snippet> constructors = new ArrayList<>();

    Values(Value object) {
        this.object = object;
        this.all = object.getMember("globals").getMember("all");
    }

    List<Snippet> constructors() {
        fill();
        add("object", OBJECT, it -> it);
        add("programs", intersection(OBJECT, ARRAY), it -> it.getMember("programs"));
        add("program", intersection(OBJECT, EXECUTABLE_ANY), it -> program("count"));
        add("method", EXECUTABLE_ANY, it -> it.getMember("instantiate"));
        add("result", OBJECT, it -> program("add").execute(1, 2));
        add("globals", OBJECT, it -> it.getMember("globals"));
        add("btf", intersection(OBJECT, array(OBJECT)), it -> it.getMember("btf"));
        add("type", OBJECT, it -> it.invokeMember("type", "pair"));
        addMaps();
        addData();
        return constructors;
    }

    private void addMaps() {
        TypeDescriptor record = intersection(OBJECT, hash(STRING, ANY));
        add("hash", intersection(OBJECT, hash(NUMBER, record)), it -> map("hash"));
        add("hash entries", iterator(ARRAY), it -> map("hash").getHashEntriesIterator());
        add("LPM trie", intersection(OBJECT, hash(record, NUMBER)), it -> map("routes"));
        add("addresses", intersection(OBJECT, HASH), it -> addresses());
        add("array map", intersection(OBJECT, array(record)), it -> map("array"));
        add("per-CPU array", intersection(OBJECT, array(array(NUMBER))), it -> map("percpu"));
        add("per-CPU values", array(NUMBER), it -> map("percpu").getArrayElement(0));
        add("queue", intersection(OBJECT, iterable(NUMBER)), it -> map("queue"));
        add("stack", intersection(OBJECT, iterable(NUMBER)), it -> map("stack"));
        add("ring buffer", intersection(OBJECT, ITERABLE), it -> drained("ring"));
        add("perf events", intersection(OBJECT, ITERABLE), it -> drained("perf"));
        add("bloom filter", OBJECT, it -> map("bloom"));
        add("nested maps", intersection(OBJECT, ARRAY), it -> map("nested"));
        add("program array", intersection(OBJECT, ARRAY), it -> map("jumps"));
        add("untyped", intersection(OBJECT, HASH), it -> map("untyped"));
        add("map bytes", OBJECT, it -> map("hash").getMember("bytes"));
    }

    private void addData() {
        TypeDescriptor record = intersection(OBJECT, hash(STRING, ANY));
        for (String number :
                List.of(
                        "u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "bit", "level",
                        "tilt", "ratio")) {
            add(number, NUMBER, it -> all.getMember(number));
        }
        add("bool", BOOLEAN, it -> all.getMember("flag"));
        add("enum", STRING, it -> all.getMember("color"));
        add("enum without a name", NUMBER, it -> all.getMember("large"));
        add("text", STRING, it -> all.getMember("text"));
        add("array", array(NUMBER), it -> all.getMember("words"));
        add("struct", record, it -> all.getMember("pair"));
        add("all of it", record, it -> all);
        add("null", NULL, it -> all.getMember("where"));
        add("opaque", NOTHING, it -> map("guarded").getArrayElement(0).getMember("lock"));
        add("buffer", array(NUMBER), it -> program("count").execute(bytes(14)).getMember("data"));
        add("live buffer", array(NUMBER), it -> map("untyped").getHashValue(bytes(6)));
    }

    /** Values with which conversions are not trivial. */
    private void fill() {
        Map<String, Object> values =
                Map.ofEntries(
                        Map.entry("u8", 255),
                        Map.entry("s8", -128),
                        Map.entry("u16", 65535),
                        Map.entry("s16", -32768),
                        Map.entry("u32", 4294967295L),
                        Map.entry("s32", Integer.MIN_VALUE),
                        Map.entry("u64", BigInteger.TWO.pow(63)),
                        Map.entry("s64", Long.MIN_VALUE),
                        Map.entry("flag", true),
                        Map.entry("color", "GREEN"),
                        Map.entry("text", "eth0"),
                        Map.entry("bit", 1),
                        Map.entry("level", 31),
                        Map.entry("tilt", -64),
                        Map.entry("ratio", 0.1));
        values.forEach(all::putMember);
        map("hash").putHashEntry(1, ProxyObject.fromMap(Map.of("packets", 1)));
        map("lru").putHashEntry(1, Long.MAX_VALUE);
        map("queue").invokeMember("push", 7);
        map("stack").invokeMember("push", 7);
        map("routes").getMember("addresses").putHashEntry("10.0.0.0/8", 1);
        map("untyped").putHashEntry(bytes(6), bytes(3));
    }

    /** A map of events without any, because looking at events takes them. */
    private Value drained(String name) {
        Value map = map(name);
        map.invokeMember("poll", (ProxyExecutable) event -> true);
        return map;
    }

    private Value addresses() {
        return map("routes").getMember("addresses");
    }

    private Value map(String name) {
        return object.getMember("maps").getMember(name);
    }

    private Value program(String name) {
        return object.getMember("programs").getMember(name);
    }

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size);
    }

    private void add(String id, TypeDescriptor type, Function<Value, Object> read) {
        ProxyExecutable constructor = arguments -> read.apply(object);
        constructors.add(
                Snippet.newBuilder(id, object.getContext().asValue(constructor), type).build());
    }
}
