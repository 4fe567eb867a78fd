package org.trufflebpf.kernel;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;
import org.graalvm.polyglot.proxy.ProxyObject;
import org.trufflebpf.testing.Mode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Runs a fixture case in our engine and reports the outcome in the fixture's own form. */
final class EngineRunner {
    private static final HexFormat HEX = HexFormat.of();

    private final Path directory;
    private final FixtureCase.File file;
    private final Mode mode;

    private final Engine engine;
    private boolean verified;

    EngineRunner(Path directory, FixtureCase.File file, Mode mode) {
        this(directory, file, mode, null);
    }

    /** In contexts of an engine that others share; {@code null} for an engine of its own. */
    EngineRunner(Path directory, FixtureCase.File file, Mode mode, Engine engine) {
        this.directory = directory;
        this.file = file;
        this.mode = mode;
        this.engine = engine;
    }

    /** Verifies programs before they are loaded, and leaves out the checks of what was proven. */
    EngineRunner verified() {
        verified = true;
        return this;
    }

    /**
     * Opens the object in a fresh context, runs the case and collects what the case compares. A
     * refusal is told by its phase and message in place of an errno.
     */
    FixtureCase.Expect run(FixtureCase fixture) {
        Context.Builder builder =
                (engine == null ? mode.context() : mode.context(engine))
                        .option("ebpf.PrintTrace", "false")
                        .option("ebpf.Verify", Boolean.toString(verified))
                        .option("ebpf.Cpus", Integer.toString(cpus(fixture)));
        if (file.btf() != null) {
            builder.option("ebpf.TargetBtf", directory.resolve(file.btf()).toString());
        }
        if (file.environment() != null) {
            builder.option("ebpf.Environment", directory.resolve(file.environment()).toString());
        }
        if (file.loadType() != null) {
            builder.option("ebpf.ProgramType", file.loadType());
        }
        Path config = null;
        try {
            if (file.kconfig() != null) {
                config = Files.createTempFile("kconfig", ".txt");
                Files.writeString(config, file.kconfig());
                builder.option("ebpf.KernelConfig", config.toString());
            }
            try (Context context = builder.build()) {
                return run(fixture, context);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (config != null) {
                config.toFile().delete();
            }
        }
    }

    /** As many as the recording machine had, where the case shows them. */
    private static int cpus(FixtureCase fixture) {
        int cpus = 2;
        if (fixture.expect() != null && fixture.expect().maps() != null) {
            for (List<FixtureCase.Entry> entries : fixture.expect().maps().values()) {
                for (FixtureCase.Entry entry : entries) {
                    cpus = entry.value() instanceof List<?> values ? values.size() : cpus;
                }
            }
        }
        return cpus;
    }

    private FixtureCase.Expect run(FixtureCase fixture, Context context) throws IOException {
        Value object;
        Value result;
        try {
            object =
                    context.eval(
                            Source.newBuilder(
                                            "ebpf",
                                            ByteSequence.create(
                                                    Files.readAllBytes(
                                                            directory.resolve(file.object()))),
                                            file.object())
                                    .mimeType("application/x-bpf")
                                    .build());
            fill(fixture, object);
            Value program = object.getMember("programs").getMember(fixture.program());
            program.invokeMember("load");
            if (fixture.first() != null) {
                object.getMember("programs").getMember(fixture.first()).invokeMember("run");
            }
            result = program.invokeMember("run", ProxyObject.fromMap(spec(fixture)));
        } catch (PolyglotException e) {
            if (!e.isGuestException() || e.getGuestObject() == null) {
                throw e;
            }
            String phase = e.getGuestObject().getMember("phase").asString();
            boolean loading = phase.equals("load") || phase.equals("verify");
            return new FixtureCase.Expect(
                    loading ? e.getMessage() : null,
                    loading ? null : e.getMessage(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
        }
        SortedMap<String, String> globals = new TreeMap<>();
        SortedMap<String, List<FixtureCase.Entry>> maps = new TreeMap<>();
        if (fixture.compareMaps() != null) {
            for (String name : fixture.compareMaps()) {
                List<FixtureCase.Entry> entries = entries(object.getMember("maps").getMember(name));
                if (name.startsWith(".")) {
                    globals.put(name, (String) entries.getFirst().value());
                } else {
                    maps.put(name, entries);
                }
            }
        }
        return new FixtureCase.Expect(
                null,
                null,
                result.getMember("retval").asLong(),
                hex(result.getMember("data")),
                hex(result.getMember("ctx")),
                globals.isEmpty() ? null : globals,
                maps.isEmpty() ? null : maps,
                fixture.compareEvents() == null
                        ? null
                        : events(fixture, result.getMember("events")),
                fixture.trace() ? trace(result.getMember("trace")) : null,
                fixture.streams() ? streams(result) : null);
    }

    private static Map<String, Object> spec(FixtureCase fixture) {
        Map<String, Object> spec = new TreeMap<>();
        spec.put("repeat", fixture.runs());
        if (fixture.data() != null) {
            spec.put("data", ByteBuffer.wrap(fixture.data()));
        }
        if (fixture.context() != null) {
            spec.put("ctx", ByteBuffer.wrap(fixture.context()));
        }
        return spec;
    }

    private static void fill(FixtureCase fixture, Value object) {
        if (fixture.initMaps() != null) {
            fixture.initMaps()
                    .forEach(
                            (name, entries) -> {
                                Value map = object.getMember("maps").getMember(name);
                                for (FixtureCase.Entry entry : entries) {
                                    map.invokeMember(
                                            "update",
                                            entry.key() == null
                                                    ? null
                                                    : ByteBuffer.wrap(HEX.parseHex(entry.key())),
                                            ByteBuffer.wrap(value(entry.value())));
                                }
                            });
        }
        if (fixture.initPrograms() != null) {
            fixture.initPrograms()
                    .forEach(
                            (name, slots) -> {
                                Value map = object.getMember("maps").getMember(name);
                                slots.forEach(
                                        (slot, program) ->
                                                map.invokeMember("set", slot.toString(), program));
                            });
        }
    }

    private static byte[] value(Object value) {
        if (value instanceof List<?> parts) {
            StringBuilder all = new StringBuilder();
            parts.forEach(all::append);
            return HEX.parseHex(all);
        }
        return HEX.parseHex((String) value);
    }

    private static List<FixtureCase.Entry> entries(Value map) {
        List<FixtureCase.Entry> entries = new ArrayList<>();
        Value values = map.invokeMember("entries");
        for (long i = 0; i < values.getArraySize(); i++) {
            Value entry = values.getArrayElement(i);
            Value value = entry.getMember("value");
            Object shown;
            if (value.hasBufferElements()) {
                shown = hex(value);
            } else {
                List<String> perCpu = new ArrayList<>();
                for (long cpu = 0; cpu < value.getArraySize(); cpu++) {
                    perCpu.add(hex(value.getArrayElement(cpu)));
                }
                shown = perCpu;
            }
            entries.add(new FixtureCase.Entry(hex(entry.getMember("key")), shown));
        }
        if (!entries.isEmpty() && entries.getFirst().key() != null) {
            entries.sort((first, second) -> first.key().compareTo(second.key()));
        }
        return entries;
    }

    private static List<FixtureCase.Event> events(FixtureCase fixture, Value events) {
        List<FixtureCase.Event> result = new ArrayList<>();
        for (String name : fixture.compareEvents()) {
            for (long i = 0; i < events.getArraySize(); i++) {
                Value event = events.getArrayElement(i);
                if (event.getMember("map").asString().equals(name)) {
                    result.add(new FixtureCase.Event(name, hex(event.getMember("data"))));
                }
            }
        }
        return result;
    }

    private static SortedMap<String, String> streams(Value result) {
        SortedMap<String, String> texts = new TreeMap<>();
        for (String name : List.of("stdout", "stderr")) {
            Value bytes = result.getMember(name);
            texts.put(
                    name,
                    bytes.isNull()
                            ? ""
                            : new String(HEX.parseHex(hex(bytes)), StandardCharsets.ISO_8859_1));
        }
        return texts;
    }

    private static List<String> trace(Value lines) {
        List<String> result = new ArrayList<>();
        for (long i = 0; i < lines.getArraySize(); i++) {
            result.add(lines.getArrayElement(i).asString());
        }
        return result;
    }

    private static String hex(Value buffer) {
        if (buffer.isNull()) {
            return null;
        }
        byte[] bytes = new byte[(int) buffer.getBufferSize()];
        buffer.readBuffer(0, bytes, 0, bytes.length);
        return HEX.formatHex(bytes);
    }
}
