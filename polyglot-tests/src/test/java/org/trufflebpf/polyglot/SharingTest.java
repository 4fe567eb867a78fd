package org.trufflebpf.polyglot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Several contexts on one engine, and several threads in one context. */
class SharingTest {
    private static final int THREADS = 4;
    private static final int ROUNDS = 2000;

    private static Value global(Value object, String name) {
        return object.getMember("globals").getMember(name);
    }

    private static Value program(Value object, String name) {
        return object.getMember("programs").getMember(name);
    }

    /** The source is parsed once; maps, globals and typed values are each context's own. */
    @Test
    void contextsShareCodeAndNothingElse() {
        Source source = Polyglot.source("polyglot-tests/src/test/objects/types.o");
        try (Engine engine = Engine.create()) {
            List<Context> contexts = new ArrayList<>();
            List<Value> objects = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Context context =
                        Context.newBuilder("ebpf").engine(engine).allowAllAccess(true).build();
                contexts.add(context);
                objects.add(context.eval(source));
            }
            assertTrue(engine.getCachedSources().contains(source));
            for (int i = 0; i < objects.size(); i++) {
                Value count = program(objects.get(i), "count");
                for (int run = 0; run <= i; run++) {
                    count.execute((Object) new byte[64]);
                }
                objects.get(i).getMember("globals").putMember("signed_global", 100 + i);
                assertEquals(
                        7, program(objects.get(i), "add").execute(3, 4).getMember("r0").asLong());
            }
            for (int i = 0; i < objects.size(); i++) {
                Value object = objects.get(i);
                assertEquals(i + 1, global(object, "runs").asInt());
                assertEquals(100 + i, global(object, "signed_global").asInt());
                assertEquals(
                        i + 1,
                        object.getMember("maps")
                                .getMember("counters")
                                .getHashValue(0)
                                .getMember("packets")
                                .asInt());
            }
            contexts.forEach(Context::close);
        }
    }

    private static void inParallel(List<Callable<Object>> tasks) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
            for (Future<Object> each : threads.invokeAll(tasks)) {
                each.get();
            }
        }
    }

    /** Calls from many threads lose no run, and each thread gets the results of its own. */
    @Test
    void threadsRunProgramsAtOnce() throws Exception {
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).build()) {
            Value object = Polyglot.types(context);
            Value count = program(object, "count");
            Value add = program(object, "add");
            List<Callable<Object>> tasks = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int mine = thread;
                tasks.add(
                        () -> {
                            byte[] packet = new byte[64];
                            packet[20] = (byte) mine;
                            for (int i = 0; i < ROUNDS; i++) {
                                Value result = count.execute((Object) packet);
                                assertEquals(mine, result.getMember("data").readBufferByte(20));
                                assertEquals(
                                        mine + i, add.execute(mine, i).getMember("r0").asLong());
                            }
                            return null;
                        });
            }
            inParallel(tasks);
            assertEquals(THREADS * ROUNDS, global(object, "runs").asInt());
            assertEquals(
                    THREADS * ROUNDS,
                    object.getMember("maps")
                            .getMember("counters")
                            .getHashValue(0)
                            .getMember("packets")
                            .asInt());
        }
    }

    /**
     * Structures, typed maps and globals in the hands of threads that write and of others that
     * read: a number is never half of one, what is replaced as a whole is read as a whole through
     * its bytes, and a refused write leaves everything as it was.
     */
    @Test
    void threadsReadAndWriteTypedValuesAtOnce() throws Exception {
        try (Context context = Context.newBuilder("ebpf").allowAllAccess(true).build()) {
            Value object = Polyglot.types(context);
            Value flows = object.getMember("maps").getMember("flows");
            Value globals = object.getMember("globals");
            long[] patterns = {0x1111_1111_1111_1111L, 0x2222_2222_2222_2222L};
            flows.putHashEntry(1, ProxyObject.fromMap(Map.of("bytes", patterns[0])));
            globals.putMember("runs", patterns[0]);
            List<Callable<Object>> tasks = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                long pattern = patterns[thread];
                tasks.add(
                        () -> {
                            for (int i = 0; i < ROUNDS; i++) {
                                flows.getHashValue(1).putMember("bytes", pattern);
                                globals.putMember("runs", pattern);
                                assertThrows(
                                        PolyglotException.class,
                                        () ->
                                                flows.putHashEntry(
                                                        1,
                                                        ProxyObject.fromMap(
                                                                Map.of("bytes", 3, "ttl", 300))));
                                flows.putHashEntry(
                                        2 + pattern % 2, ProxyObject.fromMap(Map.of("ttl", 1)));
                                flows.removeHashEntry(2 + pattern % 2);
                            }
                            return null;
                        });
                tasks.add(
                        () -> {
                            for (int i = 0; i < ROUNDS; i++) {
                                long bytes = flows.getHashValue(1).getMember("bytes").asLong();
                                long runs = globals.getMember("runs").asLong();
                                assertTrue(bytes == patterns[0] || bytes == patterns[1]);
                                assertTrue(runs == patterns[0] || runs == patterns[1]);
                                assertEquals(0, flows.getHashValue(1).getMember("ttl").asInt());
                            }
                            return null;
                        });
            }
            inParallel(tasks);
            assertFalse(flows.hasHashEntry(2) || flows.hasHashEntry(3));
        }
    }
}
