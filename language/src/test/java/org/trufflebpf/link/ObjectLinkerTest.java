package org.trufflebpf.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.elf.ElfBuilder;
import org.trufflebpf.elf.ElfSymbol;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelObject;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;

/** Links {@code link/main.o} and {@code link/lib.o}; the oracle is libbpf's linker, where it is. */
class ObjectLinkerTest {
    private static final Path FIXTURES = Path.of("src/test/fixtures/link");
    private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
    private static final byte[] PACKET = new byte[64];

    /** {@code out} after one run: what the C sources say. */
    private static final List<Long> OUT = List.of(15L, 2L, 103L, 48L, 11L, 0L);

    private static ObjectLinker.Input input(String name) throws IOException {
        return new ObjectLinker.Input(name, Files.readAllBytes(FIXTURES.resolve(name)));
    }

    private static byte[] linked() throws IOException {
        return ObjectLinker.link(List.of(input("main.o"), input("lib.o")));
    }

    private static List<Long> longs(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(LITTLE);
        return LongStream.range(0, bytes.length / 8)
                .mapToObj(i -> buffer.getLong((int) i * 8))
                .toList();
    }

    @Test
    void aSingleObjectStaysAsItIs() throws IOException {
        ObjectLinker.Input main = input("main.o");
        assertSame(main.bytes(), ObjectLinker.link(List.of(main)));
    }

    @Test
    void theResultHasThePartsOfBoth() throws IOException {
        ObjectSpec object = ObjectReader.read("linked", linked());
        assertEquals(
                List.of("linked", "other"),
                object.programs().stream().map(ProgramSpec::name).toList());
        assertEquals(
                List.of("events", "counts", ".data", ".rodata", ".bss").stream().sorted().toList(),
                object.maps().stream().map(MapSpec::name).sorted().toList());
        assertEquals("GPL", object.license());
        assertTrue(
                object.program("linked").subprogs().stream()
                        .map(subprog -> subprog.name())
                        .toList()
                        .containsAll(List.of("linked", "lib_scale", "chosen", "bump")));
        assertTrue(object.program("linked").lines().size() > 20, "lines of both files");
    }

    @Test
    void theOptionLinkRunsBoth() throws IOException {
        try (Context context =
                Context.newBuilder("ebpf")
                        .allowHostAccess(HostAccess.newBuilder().allowBufferAccess(true).build())
                        .option("ebpf.Link", FIXTURES.resolve("lib.o").toString())
                        .build()) {
            Source main =
                    Source.newBuilder(
                                    "ebpf", ByteSequence.create(input("main.o").bytes()), "main.o")
                            .mimeType("application/x-bpf")
                            .build();
            Value object = context.eval(main);
            Value result =
                    object.getMember("programs")
                            .getMember("linked")
                            .invokeMember(
                                    "run",
                                    ProxyObject.fromMap(Map.of("data", ByteBuffer.wrap(PACKET))));
            assertEquals(2, result.getMember("retval").asLong());
            Value entry =
                    object.getMember("maps")
                            .getMember(".bss")
                            .invokeMember("entries")
                            .getArrayElement(0);
            byte[] bss = new byte[(int) entry.getMember("value").getBufferSize()];
            entry.getMember("value").readBuffer(0, bss, 0, bss.length);
            assertEquals(OUT, longs(bss).subList(0, OUT.size()));
        }
    }

    @Test
    void libbpfLoadsTheResult(@TempDir Path directory) throws IOException {
        assumeTrue(KernelObject.refusal() == null, KernelObject.refusal());
        Path file = Files.write(directory.resolve("linked.o"), linked());
        try (KernelObject object = KernelObject.open(file, KernelObject.Options.NONE).load()) {
            KernelBpf.TestRun run =
                    KernelBpf.testRun(object.program("linked"), PACKET, null, 1, 0, 0);
            assertEquals(2, run.retval());
            byte[] bss = KernelBpf.mapLookup(object.map(".bss"), new byte[4]);
            assertEquals(OUT, longs(bss).subList(0, OUT.size()));
        }
    }

    @Test
    void twoStrongDefinitionsConflict() throws IOException {
        BpfException e =
                assertThrows(
                        BpfException.class,
                        () -> ObjectLinker.link(List.of(input("lib.o"), input("lib.o"))));
        assertTrue(e.describe().contains("conflicting non-weak symbol"), e.describe());
    }

    @Test
    void differentLicensesConflict() {
        List<ObjectLinker.Input> inputs =
                List.of(withLicense("a.o", "GPL"), withLicense("b.o", "BSD"));
        BpfException e = assertThrows(BpfException.class, () -> ObjectLinker.link(inputs));
        assertTrue(e.describe().contains("b.o: section license: differs"), e.describe());
    }

    private static ObjectLinker.Input withLicense(String name, String license) {
        ElfBuilder b = new ElfBuilder(LITTLE);
        int code = b.code("xdp", ElfBuilder.returns(1, LITTLE));
        b.section("license", 1, 3, (license + "\0").getBytes(StandardCharsets.UTF_8));
        b.symbol("in_" + license, ElfSymbol.GLOBAL, ElfSymbol.FUNC, code, 0, 16);
        return new ObjectLinker.Input(name, b.build());
    }

    @Test
    void byteOrdersDoNotMix() {
        ElfBuilder big = new ElfBuilder(ByteOrder.BIG_ENDIAN);
        int code = big.code("xdp", ElfBuilder.returns(1, ByteOrder.BIG_ENDIAN));
        big.symbol("big", ElfSymbol.GLOBAL, ElfSymbol.FUNC, code, 0, 16);
        List<ObjectLinker.Input> inputs =
                List.of(withLicense("a.o", "GPL"), new ObjectLinker.Input("b.o", big.build()));
        BpfException e = assertThrows(BpfException.class, () -> ObjectLinker.link(inputs));
        assertTrue(e.describe().contains("one byte order"), e.describe());
    }

    /** Whatever the bytes: linked and read, or refused as malformed. */
    @Test
    void garbledObjectsAreRefused() throws IOException {
        long seed = Long.getLong("trufflebpf.seed", 20L);
        System.out.println("ObjectLinkerTest: -Dtrufflebpf.seed=" + seed);
        Random random = new Random(seed);
        ObjectLinker.Input main = input("main.o");
        ObjectLinker.Input lib = input("lib.o");
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = lib.bytes().clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            }
            if (random.nextInt(8) == 0) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            ObjectLinker.Input garbled = new ObjectLinker.Input("garbled.o", bytes);
            try {
                ObjectReader.read("linked", ObjectLinker.link(List.of(main, garbled)));
            } catch (BpfException e) {
                refused++;
            }
        }
        assertTrue(refused > 100, "only " + refused + " refused");
    }

    @Test
    void linkingIsDeterministic() throws IOException {
        assertArrayEquals(linked(), linked());
    }
}
