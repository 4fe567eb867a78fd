package org.trufflebpf.object;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.value.TypedFormat;
import org.trufflebpf.elf.ElfBuilder;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.relo.Kconfig;
import org.trufflebpf.relo.Loader;
import org.trufflebpf.relo.TargetBtf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Cut and garbled objects must be read, or refused with a {@link BpfException}, quickly and in
 * little memory.
 */
@Timeout(300)
class HostileObjectTest {
    private static final Btf TARGET = Btf.parse("target", LoaderResources.read("core_target.o"));

    /** Reads, loads and formats all there is; returns whether the object was accepted. */
    private static boolean use(byte[] bytes) {
        try {
            ObjectSpec object = ObjectReader.read("x.o", bytes);
            for (ProgramSpec program : object.programs()) {
                load(object, program, TargetBtf.of(TARGET));
                load(object, program, TargetBtf.of(object.btf()));
            }
            if (!object.kconfig().isEmpty()) {
                Kconfig.fill(object, Map.of(), 1);
            }
            for (MapSpec map : object.maps()) {
                if (map.data() != null && map.valueTypeId() != 0 && map.isData()) {
                    new TypedFormat(object.btf(), object.order())
                            .text(map.valueTypeId(), map.data());
                }
            }
            return true;
        } catch (BpfException e) {
            assertTrue(!e.describe().isBlank() && !e.describe().contains("\n"), e.describe());
            return false;
        }
    }

    private static void load(ObjectSpec object, ProgramSpec program, TargetBtf target) {
        try {
            Loader.load(object, program, target);
        } catch (BpfException e) {
            assertTrue(!e.getMessage().isBlank());
        }
    }

    private static void check(byte[] bytes, String what) {
        try {
            use(bytes);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            fail(what, e);
        }
    }

    @Test
    void cutAtEveryByte() {
        for (String name : LoaderResources.OBJECTS) {
            byte[] bytes = LoaderResources.read(name);
            for (int length = 0; length < bytes.length; length++) {
                check(Arrays.copyOf(bytes, length), name + " cut to " + length + " bytes");
            }
            assertTrue(use(bytes) || name.equals("externs.o"), name);
        }
    }

    @Test
    void everyFixtureCutAtEveryByte() {
        fixtures()
                .forEach(
                        (name, bytes) -> {
                            for (int length = 0; length < bytes.length; length++) {
                                check(
                                        Arrays.copyOf(bytes, length),
                                        name + " cut to " + length + " bytes");
                            }
                        });
    }

    @Test
    void everyFixtureWithFlippedBits() {
        flip(new Random().nextLong(), 30, fixtures());
    }

    /** The objects of the fixtures and examples, by path. */
    private static Map<String, byte[]> fixtures() {
        Map<String, byte[]> objects = new TreeMap<>();
        for (Path root : List.of(Path.of("src/test/fixtures"), Path.of("../examples"))) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".o")).toList()) {
                    objects.put(file.toString(), Files.readAllBytes(file));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertTrue(objects.size() > 100, () -> "only " + objects.size() + " fixtures");
        return objects;
    }

    @Test
    void cutBtfAtEveryByte() {
        byte[] bytes = LoaderResources.read("core_target.btf");
        for (int length = 0; length < bytes.length; length++) {
            try {
                walk(Btf.parse("x.btf", Arrays.copyOf(bytes, length)));
            } catch (BpfException e) {
                assertTrue(!e.describe().isBlank());
            }
        }
    }

    private static void walk(Btf btf) {
        for (int id = 0; id < btf.typeCount(); id++) {
            btf.type(id);
            btf.sizeOf(id);
            btf.find("outer", BtfKind.STRUCT);
            try {
                btf.alignOf(id);
                new TypedFormat(btf, btf.order()).text(id, new byte[256]);
            } catch (BpfException e) {
                assertTrue(!e.describe().isBlank());
            }
        }
    }

    @Test
    void flippedBits() {
        flip(new Random().nextLong(), 150, own());
    }

    @Test
    @Tag("slow")
    void flippedBitsForLong() {
        flip(new Random().nextLong(), 20_000, own());
    }

    private static Map<String, byte[]> own() {
        Map<String, byte[]> objects = new TreeMap<>();
        for (String name : LoaderResources.OBJECTS) {
            objects.put(name, LoaderResources.read(name));
        }
        return objects;
    }

    private static void flip(long seed, int rounds, Map<String, byte[]> objects) {
        System.out.println("HostileObjectTest seed " + seed);
        Random random = new Random(seed);
        for (String name : objects.keySet()) {
            byte[] bytes = objects.get(name);
            for (int round = 0; round < rounds; round++) {
                byte[] changed = bytes.clone();
                for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                    changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
                }
                if (random.nextInt(4) == 0) {
                    // a whole word, where most sizes and offsets are
                    int at = random.nextInt(changed.length - 8) & ~7;
                    Arrays.fill(changed, at, at + 8, (byte) random.nextInt(256));
                }
                check(changed, name + " seed " + seed + " round " + round);
            }
        }
    }

    @Test
    void flippedBtf() {
        long seed = new Random().nextLong();
        System.out.println("HostileObjectTest BTF seed " + seed);
        Random random = new Random(seed);
        byte[] bytes = LoaderResources.read("core_target.btf");
        for (int round = 0; round < 300; round++) {
            byte[] changed = bytes.clone();
            for (int flips = 1 + random.nextInt(6); flips > 0; flips--) {
                changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                walk(Btf.parse("x.btf", changed));
            } catch (BpfException e) {
                assertTrue(!e.describe().isBlank());
            } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
                fail("seed " + seed + " round " + round, e);
            }
        }
    }

    @Test
    void manyFunctionsInAChainDoNotOverflowTheStack() {
        int count = 20_000;
        ByteBuffer code = ByteBuffer.allocate(count * 16).order(ByteOrder.LITTLE_ENDIAN);
        ElfBuilder b = new ElfBuilder(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            // call the next function, the last one itself
            code.put((byte) 0x85)
                    .put((byte) 0x10)
                    .putShort((short) 0)
                    .putInt(i < count - 1 ? 1 : -1);
            code.putLong(0x95);
        }
        int section = b.code("xdp", code.array());
        for (int i = 0; i < count; i++) {
            b.symbol("f" + i, i == 0 ? 1 : 0, 2, section, i * 16L, 16);
        }
        ObjectSpec object = ObjectReader.read("x.o", b.build());
        assertTrue(object.programs().getFirst().subprogs().size() == count);
    }
}
