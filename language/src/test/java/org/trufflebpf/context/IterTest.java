package org.trufflebpf.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.io.IOAccess;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.trufflebpf.testing.Mode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Iterator programs walk the simulated environment and the object's maps, and print. */
class IterTest {
    private static final Path OBJECT = Path.of("src/test/fixtures/programs/iter.o");
    private static final String WORLD =
            """
            {"tasks": [{"pid": 100, "comm": "web", "cgroup": "/a/b",
                        "vmas": [{"start": "0x1000", "end": "0x2000"},
                                 {"start": "0x5000", "end": "0x6000"}]},
                       {"pid": 101, "tgid": 100, "comm": "worker"},
                       {"pid": 1, "comm": "init"}],
             "cgroups": [{"path": "/a", "id": 20}, {"path": "/a/b", "id": 21},
                         {"path": "/c", "id": 22}, {"path": "/d", "id": 23}],
             "sockets": [{"local": "10.0.0.1:80", "uid": 33},
                         {"local": "10.0.0.1:53", "protocol": "udp"}]}
            """;

    @TempDir Path directory;

    /** The structures are laid out by the object's own types, so that no kernel is needed. */
    private Context context(Mode mode) throws IOException {
        Path world = Files.writeString(directory.resolve("world.json"), WORLD);
        return mode.context()
                .allowIO(IOAccess.ALL)
                .option("ebpf.Environment", world.toString())
                .option("ebpf.TargetBtf", OBJECT.toAbsolutePath().toString())
                .build();
    }

    private static Value open(Context context) throws IOException {
        return context.eval(
                Source.newBuilder("ebpf", ByteSequence.create(Files.readAllBytes(OBJECT)), "iter.o")
                        .mimeType("application/x-bpf")
                        .build());
    }

    private static Value run(Value object, String program, String... target) {
        Map<String, Object> members = new HashMap<>();
        for (int i = 0; i < target.length; i += 2) {
            members.put(target[i], target[i + 1]);
        }
        return object.getMember("programs")
                .getMember(program)
                .invokeMember(
                        "run", ProxyObject.fromMap(Map.of("ctx", ProxyObject.fromMap(members))));
    }

    private static String printed(Value object, String program, String... target) {
        Value printed = run(object, program, target).getMember("printed");
        byte[] bytes = new byte[printed.isNull() ? 0 : (int) printed.getBufferSize()];
        if (bytes.length > 0) {
            printed.readBuffer(0, bytes, 0, bytes.length);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void walks(Mode mode) throws IOException {
        try (Context context = context(mode)) {
            Value object = open(context);
            assertEquals(
                    "0 100/100 web\n1 100/101 worker\n2 1/1 init\n3 tasks, session 1\n",
                    printed(object, "tasks"));
            if (mode != Mode.INTERPRETED) {
                return;
            }
            assertEquals("0 1/1 init\n1 tasks, session 2\n", printed(object, "tasks", "pid", "1"));
            assertEquals("100 1000-2000\n100 5000-6000\n", printed(object, "mappings"));
            assertEquals("port 80 of 33\n", printed(object, "sockets"));
        }
    }

    /** A cgroup for which the program returns nonzero is the last one. */
    @Test
    void cgroupsInEachOrder() throws IOException {
        try (Context context = context(Mode.INTERPRETED)) {
            Value object = open(context);
            assertEquals(
                    "cgroup 1 at 0\ncgroup 20 at 1\ncgroup 21 at 2\ncgroup 22 at 1\n",
                    printed(object, "cgroups"));
            assertEquals(
                    "cgroup 21 at 2\ncgroup 20 at 1\ncgroup 22 at 1\n",
                    printed(object, "cgroups", "order", "descendants_post"));
            assertEquals(
                    "cgroup 21 at 2\ncgroup 20 at 1\ncgroup 1 at 0\n",
                    printed(object, "cgroups", "cgroup", "/a/b", "order", "ancestors_up"));
            assertEquals(
                    "cgroup 20 at 1\n",
                    printed(object, "cgroups", "cgroup", "/a", "order", "self_only"));
            assertEquals(
                    "cgroup 21 at 2\n",
                    printed(object, "cgroups", "cgroup", "/a", "order", "children"));
        }
    }

    @Test
    void mapsAndTheirElements() throws IOException {
        try (Context context = context(Mode.INTERPRETED)) {
            Value object = open(context);
            Value maps = object.getMember("maps");
            Value hash = maps.getMember("hash");
            hash.putHashEntry(5, 50);
            assertTrue(
                    printed(object, "maps")
                            .startsWith("1 counts 3 0\n2 percpu 4 0\n3 hash 4 1\n4 storage "),
                    printed(object, "maps"));
            assertEquals("5=50\nend of hash\n", printed(object, "elements", "map", "hash"));
            // a value that the program sees is the map's own
            assertEquals("5=51\nend of hash\n", printed(object, "elements", "map", "hash"));
            assertEquals(
                    "0=0\n1=0\n2=0\nend of counts\n", printed(object, "elements", "map", "counts"));
            assertEquals("", printed(object, "percpu_elements", "map", "percpu"));
        }
    }

    /** The verifier judges each as the kernel does, by the kernel's types. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tasks",
                "mappings",
                "cgroups",
                "maps",
                "elements",
                "percpu_elements",
                "sockets",
                "stored",
                "retried"
            })
    void isVerified(String program) throws IOException {
        assumeTrue(Files.isReadable(Path.of("/sys/kernel/btf/vmlinux")), "the kernel shows no BTF");
        try (Context context =
                Mode.INTERPRETED
                        .context()
                        .allowIO(IOAccess.ALL)
                        .option("ebpf.Verify", "true")
                        .build()) {
            open(context).getMember("programs").getMember(program).invokeMember("load");
        }
    }

    @Test
    void anElementIsShownAgainWhereItDidNotFit() throws IOException {
        try (Context context = context(Mode.INTERPRETED)) {
            Value object = open(context);
            Value result = run(object, "retried");
            // three tasks of 20 KiB each, of which one fits in a read of 32 KiB
            assertEquals(3 * 5 * 4096, result.getMember("printed").getBufferSize());
            assertEquals(0, result.getMember("effects").getArraySize());
        }
    }

    @Test
    void whatCannotBeWalkedIsRefusedByName() throws IOException {
        try (Context context = context(Mode.INTERPRETED)) {
            Value object = open(context);
            String[][] wrong = {
                {"elements", "needs a map, as in {\"map\": \"NAME\"}"},
                {"elements", "the object has no map 'none'", "map", "none"},
                {"elements", "has no elements that this iterator walks", "map", "storage"},
                {"stored", "has no elements that this iterator walks", "map", "hash"},
                {"cgroups", "no cgroup '/none'", "cgroup", "/none"},
                {"cgroups", "'upwards' is no order of cgroups", "order", "upwards"},
                {"symbols", "iterator over 'ksym' is not implemented: needs the symbols"}
            };
            for (String[] row : wrong) {
                String[] target = Arrays.copyOfRange(row, 2, row.length);
                PolyglotException e =
                        assertThrows(PolyglotException.class, () -> run(object, row[0], target));
                assertTrue(e.getMessage().contains(row[1]), e.getMessage());
            }
        }
    }
}
