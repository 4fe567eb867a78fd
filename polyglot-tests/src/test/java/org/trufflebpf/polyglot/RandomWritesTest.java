package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Test;
import org.trufflebpf.testing.Seed;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Random values, most of them of a wrong kind or out of range, written to members, elements, hash
 * entries, globals and queues of every type that BTF has. What is refused leaves every map as it
 * was; what is taken changes no other map, and a number that was taken is read again.
 */
class RandomWritesTest {
    private static final int ROUNDS = 12_000;

    /** Maps whose contents are compared; those that hold no values of their own are left out. */
    private static final List<String> MAPS =
            List.of(
                    "flows",
                    "counters",
                    "recent",
                    "routes",
                    "hosts6",
                    "routes6",
                    "table",
                    "percpu",
                    "percpu_hash",
                    "queue",
                    "stack",
                    "first",
                    "second",
                    "shared",
                    "untyped",
                    "user_reads",
                    "guarded",
                    ".data",
                    ".bss",
                    ".rodata");

    private static final List<String> FIELDS =
            List.of(
                    "ttl", "delta", "port", "shift", "address", "offset", "bytes", "balance", "up",
                    "proto", "big", "name", "words", "peer", "id", "octets", "flag", "level",
                    "tilt", "where", "ratio", "nothing");

    /** Somewhere to write. */
    private record Target(String map, String name, Consumer<Object> write, Value holder) {
        /** The value there now, {@code null} where it is not one of a number. */
        BigInteger number() {
            if (holder == null || !holder.hasMember(name)) {
                return null;
            }
            Value now = holder.getMember(name);
            return now.fitsInBigInteger() ? now.asBigInteger() : null;
        }
    }

    private final Map<String, Value> maps = new HashMap<>();
    private Value object;
    private Value flow;

    private Value map(String name) {
        return maps.computeIfAbsent(name, key -> object.invokeMember("map", key));
    }

    private String contents(String map) {
        StringBuilder text = new StringBuilder();
        if (map.equals("queue") || map.equals("stack")) {
            for (Value walk = map(map).getIterator(); walk.hasIteratorNextElement(); ) {
                text.append(walk.getIteratorNextElement()).append(' ');
            }
            return text.toString();
        }
        Value entries = map(map).invokeMember("entries");
        for (long i = 0; i < entries.getArraySize(); i++) {
            Value entry = entries.getArrayElement(i);
            bytes(entry.getMember("key"), text);
            Value value = entry.getMember("value");
            if (!value.hasBufferElements() && value.hasArrayElements()) {
                for (long cpu = 0; cpu < value.getArraySize(); cpu++) {
                    bytes(value.getArrayElement(cpu), text.append(" cpu "));
                }
            } else {
                bytes(value, text.append(" = "));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static void bytes(Value buffer, StringBuilder text) {
        if (buffer.isNull()) {
            text.append("null");
            return;
        }
        for (long i = 0; i < buffer.getBufferSize(); i++) {
            text.append(String.format("%02x", buffer.readBufferByte(i)));
        }
    }

    private Map<String, String> contents() {
        Map<String, String> all = new HashMap<>();
        MAPS.forEach(map -> all.put(map, contents(map)));
        return all;
    }

    private Target target(Random random, RandomValues values) {
        String field = FIELDS.get(random.nextInt(FIELDS.size()));
        Value globals = object.getMember("globals");
        long index = random.nextInt(6) - 1L;
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> member("flows", flow, field);
            case 4 -> member("flows", flow.getMember("peer"), random.nextBoolean() ? "port" : "x");
            case 5 -> {
                String array = random.nextBoolean() ? "words" : "octets";
                Value elements = flow.getMember(array);
                yield new Target("flows", array, v -> elements.setArrayElement(index, v), null);
            }
            case 6 -> {
                String name = random.nextBoolean() ? "table" : "percpu";
                yield new Target(name, name, v -> map(name).setArrayElement(index, v), null);
            }
            case 7 ->
                    member(
                            ".bss .data .rodata",
                            globals,
                            List.of("runs", "last", "text", "limit", "signed_global")
                                    .get(random.nextInt(5)));
            case 8 -> member(".bss", globals.getMember("last"), field);
            case 9 -> {
                String name = random.nextBoolean() ? "queue" : "stack";
                yield new Target(
                        name,
                        name,
                        v -> {
                            map(name).invokeMember("push", v, 0);
                            map(name).invokeMember("pop");
                        },
                        null);
            }
            case 10 -> {
                Value guarded = map("guarded").getArrayElement(0);
                yield member("guarded", guarded, random.nextBoolean() ? "lock" : "value");
            }
            default -> {
                String name =
                        List.of(
                                        "flows",
                                        "counters",
                                        "recent",
                                        "routes",
                                        "hosts6",
                                        "percpu_hash",
                                        "untyped",
                                        "user_reads")
                                .get(random.nextInt(8));
                Object key = random.nextBoolean() ? 2 : values.next(2);
                yield new Target(
                        name,
                        name,
                        v -> {
                            if (name.equals("user_reads")) {
                                map(name).setArrayElement(0, v);
                            } else {
                                map(name).putHashEntry(key, v);
                            }
                        },
                        null);
            }
        };
    }

    private static Target member(String map, Value holder, String name) {
        return new Target(map, name, v -> holder.putMember(name, v), holder);
    }

    @Test
    void refusedWritesChangeNothing() {
        long seed = Seed.of("RandomWritesTest");
        Random random = new Random(seed);
        int taken = 0;
        int refused = 0;
        Set<String> takenFields = new HashSet<>();
        try (Context context = Polyglot.context().build()) {
            object = Polyglot.types(context);
            map("flows").putHashEntry(1, ProxyObject.fromMap(Map.of("ttl", 64, "port", 80)));
            flow = map("flows").getHashValue(1);
            List<Object> live = new ArrayList<>(List.of(flow, flow.getMember("peer"), object));
            live.add(map("table").getArrayElement(1));
            live.add(object.invokeMember("program", "count"));
            RandomValues values = new RandomValues(random, FIELDS, live);
            Map<String, String> before = contents();
            for (int i = 0; i < ROUNDS; i++) {
                Target target = target(random, values);
                Object value = values.next(3);
                String where =
                        "seed " + seed + " round " + i + ": " + target.name() + " = " + value;
                boolean isTaken = true;
                try {
                    target.write().accept(value);
                } catch (PolyglotException e) {
                    assertFalse(e.isInternalError(), () -> where + ": " + e);
                    isTaken = false;
                } catch (UnsupportedOperationException
                        | IllegalArgumentException
                        | ClassCastException
                        | ArrayIndexOutOfBoundsException e) {
                    isTaken = false;
                }
                for (String map : MAPS) {
                    if (!isTaken || !target.map().contains(map)) {
                        // a few of the others each time, so that all of them are looked at
                        if (target.map().contains(map) || random.nextInt(16) == 0) {
                            assertEquals(before.get(map), contents(map), () -> where);
                        }
                    } else {
                        before.put(map, contents(map));
                    }
                }
                if (!isTaken) {
                    refused++;
                    continue;
                }
                taken++;
                takenFields.add(target.name());
                BigInteger now = target.number();
                Value written = context.asValue(value);
                if (now != null && written.fitsInBigInteger()) {
                    assertEquals(written.asBigInteger(), now, where);
                }
            }
            assertEquals(before, contents(), () -> "seed " + seed);
        }
        System.out.println(
                "seed " + seed + ": " + taken + " writes taken, " + refused + " refused");
        assertTrue(taken > ROUNDS / 50 && refused > ROUNDS / 2, taken + " taken, seed " + seed);
        assertTrue(takenFields.size() > 20, () -> takenFields + ", seed " + seed);
    }
}
