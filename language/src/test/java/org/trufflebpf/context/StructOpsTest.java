package org.trufflebpf.context;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.io.IOAccess;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelBpfException;
import org.trufflebpf.kernel.KernelObject;
import org.trufflebpf.testing.Mode;
import org.trufflebpf.testing.Seed;
import org.trufflebpf.uapi.MapType;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Maps of type struct_ops: their members are programs, which run as the kernel's test runs them.
 */
class StructOpsTest {
    private static final Path OBJECT = Path.of("src/test/fixtures/programs/struct_ops.o");
    private static final Path UNKNOWN = Path.of("src/test/resources/loader/struct_ops.o");
    private static final String WORLD =
            """
            {"memory": [{"name": "state", "type": "bpf_dummy_ops_state", "fields": {"val": 3},
                         "writable": true}]}
            """;

    @TempDir Path directory;

    /** The object has the kernel's types, so that no kernel is needed. */
    private Context context(Mode mode) throws IOException {
        Path world = Files.writeString(directory.resolve("world.json"), WORLD);
        return mode.context()
                .allowIO(IOAccess.ALL)
                .option("ebpf.Environment", world.toString())
                .option("ebpf.TargetBtf", OBJECT.toAbsolutePath().toString())
                .build();
    }

    private static Value open(Context context, Path object) throws IOException {
        return context.eval(
                Source.newBuilder(
                                "ebpf",
                                ByteSequence.create(Files.readAllBytes(object)),
                                object.getFileName().toString())
                        .mimeType("application/x-bpf")
                        .build());
    }

    private static Value map(Value object, String name) {
        return object.getMember("maps").getMember(name);
    }

    private static int run(Value program, Object... args) {
        return (int)
                program.invokeMember(
                                "run",
                                ProxyObject.fromMap(Map.of("args", ProxyArray.fromArray(args))))
                        .getMember("retval")
                        .asLong();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void membersAreCalled(Mode mode) throws IOException {
        try (Context context = context(mode)) {
            Value object = open(context, OBJECT);
            Value dummy = map(object, "dummy").getArrayElement(0);
            assertEquals(
                    MapType.STRUCT_OPS.label(), map(object, "dummy").getMember("type").asString());
            assertTrue(dummy.canInvokeMember("test_1"));
            assertEquals("swap", dummy.getMember("test_1").getMember("name").asString());
            assertEquals(0xf2f3f4f5L, dummy.invokeMember("test_1", 0).getMember("retval").asLong());
            assertEquals(3, run(dummy.getMember("test_1"), "@memory/state"));
            assertEquals(0x5a, run(dummy.getMember("test_1"), "@memory/state"));
            assertEquals(7, run(dummy.getMember("test_sleepable"), "@memory/state"));
            Value other = map(object, "other").getArrayElement(0);
            assertEquals(-0x5b, run(other.getMember("test_1"), "@memory/state"));
            assertTrue(other.getMember("test_2").isNull());
            assertEquals(
                    "{test_1=swap, test_2=sum, test_sleepable=count}",
                    map(object, "dummy")
                            .invokeMember("entries")
                            .getArrayElement(0)
                            .getMember("valueText")
                            .asString());
        }
    }

    /** As libbpf: members may be set until the object is loaded. */
    @Test
    void membersAreSetBeforeTheLoad() throws IOException {
        try (Context context = context(Mode.INTERPRETED)) {
            Value object = open(context, OBJECT);
            Value other = map(object, "other").getArrayElement(0);
            other.putMember("test_2", object.getMember("programs").getMember("sum"));
            object.invokeMember("setGlobal", "other.test_sleepable", "count");
            map(object, "dummy").getArrayElement(0).putMember("test_1", "keep");
            map(object, "dummy").getArrayElement(0).putMember("test_2", null);
            assertEquals(
                    "{test_1=keep, test_2=sum, test_sleepable=count}",
                    map(object, "other").getMember("operations").toString());
            assertEquals(
                    "{test_1=keep, test_sleepable=count}",
                    map(object, "dummy").getMember("operations").toString());
            String noProgram =
                    assertThrows(PolyglotException.class, () -> other.putMember("test_1", "absent"))
                            .getMessage();
            assertTrue(noProgram.contains("absent is no value for program"), noProgram);
            assertEquals(7, run(other.getMember("test_sleepable"), "@memory/state"));
            for (PolyglotException late :
                    List.of(
                            assertThrows(
                                    PolyglotException.class,
                                    () -> other.putMember("test_1", "swap")),
                            assertThrows(
                                    PolyglotException.class,
                                    () ->
                                            object.invokeMember(
                                                    "setGlobal", "other.test_1", "swap")))) {
                assertTrue(late.getMessage().contains("(EPERM)"), late.getMessage());
            }
        }
    }

    @Test
    void structureThatTheTargetLacksIsRefusedByName() throws IOException {
        try (Context context = context(Mode.INTERPRETED)) {
            Value object = open(context, UNKNOWN);
            Value ops = map(object, "ops");
            assertEquals(
                    "map ops (struct_ops): the target BTF has no struct my_ops; give the BTF of a"
                            + " kernel that has it",
                    ops.getMember("refused").asString());
            assertEquals("{init=init_fn, exit=exit_fn}", ops.getMember("operations").toString());
            assertThrows(PolyglotException.class, () -> ops.getArrayElement(0));
            assertEquals(
                    1,
                    object.getMember("programs")
                            .getMember("init_fn")
                            .execute(0)
                            .getMember("retval")
                            .asInt());
        }
    }

    /** Calls of all members with random arguments: results, globals and the state they share. */
    @Test
    void runsAsInTheKernel() throws IOException {
        Assumptions.assumeTrue(KernelObject.refusal() == null, KernelObject::refusal);
        Random random = new Random(Seed.of("StructOpsTest"));
        try (Context context = context(Mode.INTERPRETED);
                KernelObject kernel = KernelObject.open(OBJECT, KernelObject.Options.NONE);
                Arena arena = Arena.ofConfined()) {
            kernel.load();
            MemorySegment state = arena.allocateFrom(ValueLayout.JAVA_INT, 3);
            Value object = open(context, OBJECT);
            for (int i = 0; i < 100; i++) {
                String program = List.of("swap", "keep", "sum", "count").get(random.nextInt(4));
                int count = program.equals("sum") ? 5 : 1;
                Object[] ours = new Object[count];
                ByteBuffer theirs = ByteBuffer.allocate(8 * count).order(ByteOrder.nativeOrder());
                ours[0] = "@memory/state";
                theirs.putLong(state.address());
                for (int j = 1; j < count; j++) {
                    long argument = random.nextLong() >> random.nextInt(64);
                    ours[j] = argument;
                    theirs.putLong(argument);
                }
                long expected = run(kernel.program(program), theirs.array());
                assertEquals(
                        (int) expected,
                        run(object.getMember("programs").getMember(program), ours),
                        program + " in step " + i);
                assertEquals(
                        -state.get(ValueLayout.JAVA_INT, 0),
                        run(object.getMember("programs").getMember("keep"), "@memory/state"),
                        program + " in step " + i);
                assertArrayEquals(
                        KernelBpf.mapLookup(kernel.map(".bss"), new byte[4]),
                        bytes(
                                map(object, ".bss")
                                        .getMember("bytes")
                                        .invokeMember("lookup", ByteBuffer.allocate(4), 0)),
                        program + " in step " + i);
            }
            // NULL for an argument that the structure's own function does not call nullable
            KernelBpfException refusal =
                    assertThrows(
                            KernelBpfException.class,
                            () -> run(kernel.program("sum"), new byte[40]));
            assertEquals("EINVAL", KernelBpfException.errnoName(refusal.errno()));
        }
    }

    private static long run(int fd, byte[] arguments) {
        return KernelBpf.testRun(fd, null, arguments, 0, 0, 0, -1, -1).retval();
    }

    private static byte[] bytes(Value buffer) {
        byte[] bytes = new byte[(int) buffer.getBufferSize()];
        buffer.readBuffer(0, bytes, 0, bytes.length);
        return bytes;
    }
}
