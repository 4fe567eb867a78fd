package org.trufflebpf.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Test;
import org.trufflebpf.testing.Mode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What happens between runs: timers when the clock advances, records from user space. */
class TimersTest {
    private static final long SECOND = 1_000_000_000L;

    private static Value open(Context context, String fixture) throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of("src/test/fixtures", fixture));
        return context.eval(
                Source.newBuilder("ebpf", ByteSequence.create(bytes), fixture)
                        .mimeType("application/x-bpf")
                        .build());
    }

    private static Context context() {
        return Mode.INTERPRETED.context().option("ebpf.Clock", "5000").build();
    }

    private static String element(Value object, int key) {
        byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(key).array();
        Value entries = object.getMember("maps").getMember("elements").invokeMember("entries");
        for (int i = 0; i < entries.getArraySize(); i++) {
            Value entry = entries.getArrayElement(i);
            if (entry.getMember("key").readBufferByte(0) == bytes[0]) {
                return Long.toString(
                        entry.getMember("value").readBufferLong(ByteOrder.LITTLE_ENDIAN, 0));
            }
        }
        return "none";
    }

    @Test
    void timersRunInOrderWhenTheClockAdvances() throws IOException {
        try (Context context = context()) {
            Value object = open(context, "maps/timer.o");
            Value program = object.getMember("programs").getMember("periodic");
            assertEquals(0, program.execute(ByteBuffer.allocate(64)).getMember("retval").asInt());
            assertEquals("0", element(object, 1));
            assertEquals(0, object.invokeMember("advanceClock", SECOND - 1).asInt());
            assertEquals(1, object.invokeMember("advanceClock", 1).asInt());
            assertEquals("1", element(object, 1));
            // at 2, 3 and 4 seconds the first, at 2 and 4 the second
            assertEquals(5, object.invokeMember("advanceClock", 3 * SECOND).asInt());
            assertEquals("1111", element(object, 1));
            assertEquals("22", element(object, 2));
            // a timer goes with its element
            object.getMember("maps")
                    .getMember("elements")
                    .invokeMember("delete", ByteBuffer.wrap(new byte[] {1, 0, 0, 0}));
            assertEquals(1, object.invokeMember("advanceClock", 2 * SECOND).asInt());
            assertEquals("222", element(object, 2));
        }
    }

    @Test
    void programsDrainWhatUserSpaceSends() throws IOException {
        try (Context context = context()) {
            Value object = open(context, "maps/user_ringbuf.o");
            Value requests = object.getMember("maps").getMember("requests");
            for (long number : new long[] {10, 20, 99, 7}) {
                requests.invokeMember("send", buffer(number));
            }
            Value drain = object.getMember("programs").getMember("drain");
            drain.invokeMember("run", ProxyObject.fromMap(Map.of()));
            // 99 ends the first walk; the second has unknown flags
            assertEquals("[3, -22, 3, 129]", out(object));
            drain.invokeMember("run", ProxyObject.fromMap(Map.of()));
            assertEquals("[1, -22, 1, 7]", out(object));
            for (int i = 0; i < 256; i++) {
                requests.invokeMember("send", buffer(i));
            }
            PolyglotException full =
                    assertThrows(
                            PolyglotException.class,
                            () -> requests.invokeMember("send", buffer(1)));
            assertTrue(full.getMessage().contains("ENOSPC"), full.getMessage());
        }
    }

    private static ByteBuffer buffer(long number) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, number);
    }

    private static String out(Value object) {
        Value bss = object.getMember("maps").getMember(".bss").invokeMember("entries");
        Value value = bss.getArrayElement(0).getMember("value");
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            numbers.add(value.readBufferLong(ByteOrder.LITTLE_ENDIAN, 8L * i));
        }
        return numbers.toString();
    }
}
