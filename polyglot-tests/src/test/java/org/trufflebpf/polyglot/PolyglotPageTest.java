package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Holds docs/polyglot.md to what is there: the table of the traits of every value, which {@code
 * -Dgolden.write=true} writes anew, and the names of all members.
 */
class PolyglotPageTest {
    private static final Path PAGE = Polyglot.ROOT.resolve("docs/polyglot.md");
    private static final String BEGIN = "<!-- traits: written by PolyglotPageTest -->\n";
    private static final String END = "<!-- end of traits -->\n";

    private static final Map<String, Predicate<Value>> TRAITS = traits();

    private Context context;
    private Value object;
    private Value last;

    @BeforeEach
    void open() {
        context = Polyglot.context().build();
        object = Polyglot.types(context);
        last = object.getMember("globals").getMember("last");
        last.putMember("bytes", BigInteger.TWO.pow(64).subtract(BigInteger.ONE));
        last.putMember("proto", "UDP");
    }

    @AfterEach
    void close() {
        context.close();
    }

    private static Map<String, Predicate<Value>> traits() {
        Map<String, Predicate<Value>> traits = new LinkedHashMap<>();
        traits.put("null", Value::isNull);
        traits.put("boolean", Value::isBoolean);
        traits.put("number", Value::isNumber);
        traits.put("string", Value::isString);
        traits.put("members", Value::hasMembers);
        traits.put("array", Value::hasArrayElements);
        traits.put("hash", Value::hasHashEntries);
        traits.put("iterable", value -> value.hasIterator() && !value.hasArrayElements());
        traits.put("iterator", Value::isIterator);
        traits.put("buffer", Value::hasBufferElements);
        traits.put("executable", Value::canExecute);
        traits.put("exception", Value::isException);
        return traits;
    }

    /** Every kind of value, with the expression that gives it. */
    private Map<String, Value> values() {
        map("flows").putHashEntry(1, ProxyObject.fromMap(Map.of()));
        map("untyped").putHashEntry(new byte[6], new byte[3]);
        Map<String, Value> values = new LinkedHashMap<>();
        values.put("object", object);
        values.put("`programs`, `maps`", object.getMember("programs"));
        values.put("program", program("count"));
        values.put("method, such as `instantiate`", object.getMember("instantiate"));
        values.put("result of a program", program("add").execute(1, 2));
        values.put("globals", object.getMember("globals"));
        values.put("`btf`", object.getMember("btf"));
        values.put("type", object.invokeMember("type", "flow"));
        values.put("hash, LRU hash", map("flows"));
        values.put("iterator over entries", map("flows").getHashEntriesIterator());
        values.put("entry", map("flows").getHashEntriesIterator().getIteratorNextElement());
        values.put("LPM trie", map("routes"));
        values.put("array", map("table"));
        values.put("per-CPU array", map("percpu"));
        values.put("per-CPU hash", map("percpu_hash"));
        values.put("value of a per-CPU map", map("percpu").getArrayElement(0));
        values.put("queue, stack", map("queue"));
        values.put("bloom filter", map("bloom"));
        values.put("ring buffer, perf event array", map("ring"));
        values.put("array of maps, program array", map("nested"));
        values.put("`map.bytes`", map("flows").getMember("bytes"));
        values.put("integer up to 64 bits, signed", last.getMember("balance"));
        values.put("unsigned integer of 64 bits, bit-field", last.getMember("bytes"));
        values.put("`_Bool`", last.getMember("up"));
        values.put("`float`, `double`", last.getMember("ratio"));
        values.put("enum value with a name", last.getMember("proto"));
        values.put("enum value without a name", last.getMember("big"));
        values.put("`char[]`", last.getMember("name"));
        values.put("array in C", last.getMember("words"));
        values.put("structure, union", last);
        values.put("NULL, nothing", last.getMember("where"));
        values.put("spin lock, other pointer", map("guarded").getArrayElement(0).getMember("lock"));
        values.put("bytes: packet, context, event, value without BTF", bytes());
        values.put("error", error());
        return values;
    }

    private Value bytes() {
        return map("untyped").getHashValue(new byte[6]);
    }

    private Value error() {
        return assertThrows(PolyglotException.class, () -> last.putMember("ttl", 300))
                .getGuestObject();
    }

    private Value map(String name) {
        return object.getMember("maps").getMember(name);
    }

    private Value program(String name) {
        return object.getMember("programs").getMember(name);
    }

    private String table() {
        StringBuilder text = new StringBuilder("| value |");
        TRAITS.keySet().forEach(trait -> text.append(' ').append(trait).append(" |"));
        text.append("\n|---|").append("---|".repeat(TRAITS.size())).append('\n');
        values().forEach(
                        (name, value) -> {
                            text.append("| ").append(name).append(" |");
                            for (Predicate<Value> trait : TRAITS.values()) {
                                text.append(trait.test(value) ? " x |" : " |");
                            }
                            text.append('\n');
                        });
        return text.toString();
    }

    @Test
    void tableOfTraitsIsRight() throws IOException {
        String page = Files.readString(PAGE);
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END);
        assertTrue(begin >= BEGIN.length() && end >= begin, "the page has a place for the table");
        String table = table();
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(end));
        } else {
            assertEquals(table, page.substring(begin, end), "write it with -Dgolden.write=true");
        }
    }

    @Test
    void everyMemberIsOnThePage() throws IOException {
        String page = Files.readString(PAGE);
        List<Value> described = new ArrayList<>();
        described.addAll(List.of(object, program("add"), program("add").execute(1, 2), error()));
        described.addAll(
                List.of(object.invokeMember("type", "flow"), map("flows").getMember("bytes")));
        for (String name : object.getMember("maps").getMemberKeys()) {
            described.add(map(name));
        }
        Set<String> missing = new TreeSet<>();
        for (Value value : described) {
            for (String name : value.getMemberKeys()) {
                if (!page.contains("`" + name + "`") && !page.contains("`" + name + "(")) {
                    missing.add(name);
                }
            }
        }
        assertEquals(Set.of(), missing);
    }

    @Test
    void everyOptionIsOnThePage() throws IOException {
        String page = Files.readString(PAGE);
        Set<String> missing = new TreeSet<>();
        context.getEngine()
                .getLanguages()
                .get("ebpf")
                .getOptions()
                .forEach(option -> missing.add(option.getName()));
        assertTrue(missing.contains("ebpf.Cpus"), missing::toString);
        missing.removeIf(name -> page.contains("`" + name + "`"));
        assertEquals(Set.of(), missing);
    }
}
