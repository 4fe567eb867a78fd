package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyExecutable;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Functions of the host and of other languages in place of helpers and kernel functions. */
class GuestFunctionsTest {
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

    private Value with(Map<String, Object> functions) {
        return object.invokeMember(
                "instantiate",
                ProxyObject.fromMap(Map.of("functions", ProxyObject.fromMap(functions))));
    }

    private static Value program(Value object, String name) {
        return object.getMember("programs").getMember(name);
    }

    @Test
    void clockRandomCpuAndPidAreReplaced() {
        ProxyExecutable clock = arguments -> 123_456;
        Value bound =
                with(
                        Map.of(
                                "bpf_ktime_get_ns", clock,
                                "7", context.eval("js", "() => 42"),
                                "bpf_get_smp_processor_id", context.eval("python", "lambda: 3"),
                                "bpf_get_current_pid_tgid",
                                        context.eval("js", "() => 2n**64n - 1n")));
        program(bound, "ask").executeVoid((Object) new byte[64]);
        Value globals = bound.getMember("globals");
        assertEquals(123_456, globals.getMember("now").asLong());
        assertEquals(42, globals.getMember("chance").asLong());
        assertEquals(3, globals.getMember("cpu").asLong());
        assertEquals("18446744073709551615", globals.getMember("pid").asBigInteger().toString());
        // the object itself goes on with the kernel's
        program(object, "ask").executeVoid((Object) new byte[64]);
        assertEquals(0, object.getMember("globals").getMember("cpu").asLong());
    }

    @Test
    void ownHelperByNumber() {
        Value bound =
                with(Map.of("10001", context.eval("js", "(a, b, c, d, e) => a * 10 + b + e")));
        assertEquals(78, program(bound, "custom").execute(7).getMember("r0").asLong());
        PolyglotException error =
                assertThrows(PolyglotException.class, () -> program(object, "custom").execute(7));
        assertTrue(error.getMessage().contains("10001"), error.getMessage());
    }

    @Test
    void kernelFunctionGetsTypedArguments() {
        List<String> seen = new ArrayList<>();
        ProxyExecutable score =
                arguments -> {
                    seen.add(
                            arguments[0].getMember("port")
                                    + " "
                                    + arguments[1]
                                    + " "
                                    + arguments[2].isNull()
                                    + " "
                                    + arguments[3]
                                    + " "
                                    + arguments[4]);
                    arguments[0].putMember("name", "seen");
                    return -7;
                };
        Value bound = with(Map.of("score", score));
        assertEquals(993, program(bound, "judge").execute(0).getMember("r0").asLong());
        assertEquals(List.of("80 abc false 4 255"), seen);
        assertEquals(
                "seen", bound.getMember("globals").getMember("last").getMember("name").asString());
        ProxyExecutable tooLarge = arguments -> 1L << 40;
        PolyglotException error =
                assertThrows(
                        PolyglotException.class,
                        () -> program(with(Map.of("score", tooLarge)), "judge").execute(0));
        assertTrue(
                error.getMessage()
                        .endsWith(
                                "score: the bound function's result: value 1099511627776 does not"
                                        + " fit s32"),
                error.getMessage());
    }

    @Test
    void helperGetsMapKeyAndValue() {
        Value seen = context.eval("js", "globalThis.seen = []; globalThis.seen");
        Value bound =
                with(
                        Map.of(
                                "bpf_map_update_elem",
                                context.eval(
                                        "js",
                                        "(map, key, value, flags) => { seen.push(map.name, key,"
                                            + " value.bytes, flags); map.set(key, {packets: 100});"
                                            + " return 1; }")));
        assertEquals(
                1,
                program(bound, "replace")
                        .execute((Object) new byte[64])
                        .getMember("value")
                        .asInt());
        assertEquals("counters,3,2,0", seen.invokeMember("join").asString());
        assertEquals(
                100,
                bound.getMember("maps")
                        .getMember("counters")
                        .getHashValue(3)
                        .getMember("packets")
                        .asInt());
    }

    @Test
    void memoryEndsWithTheCall() {
        List<Value> kept = new ArrayList<>();
        ProxyExecutable keep =
                arguments -> {
                    kept.add(arguments[0]);
                    return 0;
                };
        program(with(Map.of("score", keep)), "judge").executeVoid(0);
        for (Value value : kept) {
            PolyglotException error =
                    assertThrows(PolyglotException.class, () -> value.getMember("port"));
            assertTrue(error.getMessage().contains("a call that is over"), error.getMessage());
        }
    }

    @Test
    void exceptionEndsTheRunWithBothStacks() {
        Value bound =
                with(
                        Map.of(
                                "10001",
                                context.eval(
                                        "js",
                                        "function thrower(a) { throw new Error('no ' + a); }"
                                                + " thrower")));
        Value custom = program(bound, "custom");
        for (int i = 0; i < 3; i++) {
            PolyglotException error =
                    assertThrows(PolyglotException.class, () -> custom.execute(7));
            assertTrue(error.isGuestException());
            assertFalse(error.isInternalError());
            assertTrue(error.getMessage().contains("no 7"), error.getMessage());
            List<String> frames =
                    StreamSupport.stream(error.getPolyglotStackTrace().spliterator(), false)
                            .filter(PolyglotException.StackFrame::isGuestFrame)
                            .map(frame -> frame.getLanguage().getId() + ":" + frame.getRootName())
                            .toList();
            assertEquals(List.of("js:thrower", "ebpf:custom"), frames.subList(0, 2));
        }
        // the context goes on
        assertEquals(3, program(bound, "add").execute(1, 2).getMember("r0").asLong());
    }

    @Test
    void unknownNamesAreRefused() {
        ProxyExecutable any = arguments -> 0;
        PolyglotException error =
                assertThrows(PolyglotException.class, () -> with(Map.of("bpf_no_such", any)));
        assertTrue(
                error.getMessage().contains("no kernel function bpf_no_such"), error.getMessage());
    }
}
