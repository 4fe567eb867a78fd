package org.trufflebpf.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Runs a fixture case in the running kernel and reports the outcome in the fixture's own form. */
final class KernelRunner {
    private static final HexFormat HEX = HexFormat.of();
    private static final int CPU = 0;
    private static final int MAP_TYPE_QUEUE = 22;
    private static final int MAP_TYPE_STACK = 23;

    private final Path directory;
    private final FixtureCase.File file;

    KernelRunner(Path directory, FixtureCase.File file) {
        this.directory = directory;
        this.file = file;
    }

    FixtureCase.File file() {
        return file;
    }

    /** libbpf's view of the object. */
    FixtureCase.Libbpf describe() {
        try (KernelObject object = open()) {
            return new FixtureCase.Libbpf(
                    KernelObject.libbpfVersion(), object.programSpecs(), object.mapSpecs());
        }
    }

    private KernelObject open() {
        Path btf = file.btf() == null ? null : directory.resolve(file.btf());
        return KernelObject.open(
                directory.resolve(file.object()), new KernelObject.Options(btf, file.kconfig()));
    }

    /** Loads the object afresh, runs the case on CPU 0 and collects what the case compares. */
    FixtureCase.Expect run(FixtureCase fixture) {
        long[] affinity = NativeCalls.pinToCpu(CPU);
        try (KernelObject object = open()) {
            if (file.loadType() != null) {
                object.forceType(file.loadType());
            }
            if (file.loadOne()) {
                object.onlyPrograms(needed(fixture));
            }
            try {
                object.load();
            } catch (KernelBpfException e) {
                if (fixture.expect() == null || fixture.expect().loadError() == null) {
                    throw e;
                }
                return failed(KernelBpfException.errnoName(e.errno()), null);
            }
            return run(fixture, object);
        } finally {
            NativeCalls.restoreAffinity(affinity);
        }
    }

    private static Set<String> needed(FixtureCase fixture) {
        Set<String> names = new HashSet<>(Set.of(fixture.program()));
        if (fixture.initPrograms() != null) {
            fixture.initPrograms().values().forEach(slots -> names.addAll(slots.values()));
        }
        if (fixture.first() != null) {
            names.add(fixture.first());
        }
        return names;
    }

    private FixtureCase.Expect run(FixtureCase fixture, KernelObject object) {
        fill(fixture, object);
        Map<String, KernelEvents> buffers = new LinkedHashMap<>();
        try {
            if (fixture.compareEvents() != null) {
                for (String name : fixture.compareEvents()) {
                    buffers.put(name, KernelEvents.open(object.map(name), CPU));
                }
            }
            if (fixture.attach()) {
                object.attachTracing(fixture.program());
            }
            if (fixture.first() != null) {
                syscall(object.program(fixture.first()), null);
            }
            KernelTrace trace = fixture.trace() ? new KernelTrace() : null;
            KernelBpf.TestRun result;
            try {
                result =
                        fixture.trigger() == null
                                ? testRun(fixture, object.program(fixture.program()))
                                : new KernelTrigger(object).run(fixture);
            } catch (KernelBpfException e) {
                return failed(null, KernelBpfException.errnoName(e.errno()));
            }
            List<String> lines = trace == null ? null : trace.take();
            List<FixtureCase.Event> events =
                    fixture.compareEvents() == null ? null : new ArrayList<>();
            buffers.forEach(
                    (name, buffer) ->
                            buffer.take()
                                    .forEach(
                                            data ->
                                                    events.add(
                                                            new FixtureCase.Event(
                                                                    name, HEX.formatHex(data)))));
            SortedMap<String, String> globals = new TreeMap<>();
            SortedMap<String, List<FixtureCase.Entry>> maps = new TreeMap<>();
            if (fixture.compareMaps() != null) {
                for (String name : fixture.compareMaps()) {
                    int fd = object.map(name);
                    if (name.startsWith(".")) {
                        globals.put(name, HEX.formatHex(KernelBpf.mapLookup(fd, new byte[4])));
                    } else {
                        maps.put(name, dump(fd));
                    }
                }
            }
            return new FixtureCase.Expect(
                    null,
                    null,
                    fixture.trigger() == null ? result.retval() : null,
                    hex(result.dataOut()),
                    hex(result.ctxOut()),
                    globals.isEmpty() ? null : globals,
                    maps.isEmpty() ? null : maps,
                    events,
                    lines,
                    fixture.streams() ? streams(object.program(fixture.program())) : null);
        } finally {
            buffers.values().forEach(KernelEvents::close);
        }
    }

    private static void fill(FixtureCase fixture, KernelObject object) {
        if (fixture.initMaps() != null) {
            fixture.initMaps()
                    .forEach(
                            (name, entries) -> {
                                int fd = object.map(name);
                                for (FixtureCase.Entry entry : entries) {
                                    KernelBpf.mapUpdate(fd, parse(entry.key()), value(entry), 0);
                                }
                            });
        }
        if (fixture.initPrograms() != null) {
            fixture.initPrograms()
                    .forEach(
                            (name, slots) ->
                                    slots.forEach(
                                            (index, program) ->
                                                    KernelBpf.mapUpdate(
                                                            object.map(name),
                                                            bytes(index),
                                                            bytes(object.program(program)),
                                                            0)));
        }
    }

    private static byte[] parse(String hex) {
        return hex == null ? null : HEX.parseHex(hex);
    }

    /** A value as user space writes it; per-CPU values are already rounded up to 8 bytes each. */
    private static byte[] value(FixtureCase.Entry entry) {
        if (entry.value() instanceof List<?> parts) {
            StringBuilder all = new StringBuilder();
            for (int cpu = 0; cpu < KernelBpf.possibleCpus(); cpu++) {
                all.append(
                        cpu < parts.size()
                                ? parts.get(cpu)
                                : "00".repeat(((String) parts.get(0)).length() / 2));
            }
            return HEX.parseHex(all);
        }
        return HEX.parseHex((String) entry.value());
    }

    private static KernelBpf.TestRun testRun(FixtureCase fixture, int fd) {
        byte[] data = fixture.data();
        byte[] context = fixture.context();
        return switch (fixture.type()) {
            // These refuse output buffers and repeat.
            case "raw_tracepoint", "raw_tracepoint_writable" ->
                    KernelBpf.testRun(fd, null, context, 0, 0, 0, -1, -1);
            case "tracing" -> KernelBpf.testRun(fd, null, context, 0, 0, 0, -1, -1);
            case "netfilter" ->
                    KernelBpf.testRun(fd, data, context, fixture.repeat(), 0, 0, -1, -1);
            case "syscall" -> syscall(fd, context);
            case "flow_dissector" ->
                    KernelBpf.testRun(fd, data, context, fixture.runs(), 0, 0, 256, -1);
            default -> KernelBpf.testRun(fd, data, context, fixture.runs(), 0, 0);
        };
    }

    private static SortedMap<String, String> streams(int fd) {
        SortedMap<String, String> texts = new TreeMap<>();
        texts.put("stdout", text(KernelBpf.streamRead(fd, 1)));
        texts.put("stderr", text(KernelBpf.streamRead(fd, 2)));
        return texts;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static KernelBpf.TestRun syscall(int fd, byte[] context) {
        return KernelBpf.testRun(fd, null, context, 0, 0, 0, -1, KernelBpf.IN_PLACE);
    }

    private static List<FixtureCase.Entry> dump(int fd) {
        KernelBpf.MapInfo info = KernelBpf.mapInfo(fd);
        List<FixtureCase.Entry> entries = new ArrayList<>();
        if (info.type() == MAP_TYPE_QUEUE || info.type() == MAP_TYPE_STACK) {
            byte[] value;
            while ((value = KernelBpf.mapLookupAndDelete(fd, null)) != null) {
                entries.add(new FixtureCase.Entry(null, HEX.formatHex(value)));
            }
            return entries;
        }
        for (byte[] key : KernelBpf.mapKeys(fd)) {
            byte[] value = KernelBpf.mapLookup(fd, key);
            if (value != null) {
                entries.add(new FixtureCase.Entry(HEX.formatHex(key), split(info, value)));
            }
        }
        entries.sort(Comparator.comparing(FixtureCase.Entry::key));
        return entries;
    }

    private static Object split(KernelBpf.MapInfo info, byte[] value) {
        if (!info.isPerCpu()) {
            return HEX.formatHex(value);
        }
        int stride = info.valueSize() + 7 & ~7;
        List<String> parts = new ArrayList<>();
        for (int at = 0; at < value.length; at += stride) {
            parts.add(HEX.formatHex(Arrays.copyOfRange(value, at, at + info.valueSize())));
        }
        return parts;
    }

    private static FixtureCase.Expect failed(String loadError, String error) {
        return new FixtureCase.Expect(
                loadError, error, null, null, null, null, null, null, null, null);
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? null : HEX.formatHex(bytes);
    }

    private static byte[] bytes(int value) {
        return MemorySegment.ofArray(new int[] {value}).toArray(ValueLayout.JAVA_BYTE);
    }
}
