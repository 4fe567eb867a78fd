package org.trufflebpf.api;

import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.ByteSequence;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A BPF object file, opened on a simulated machine of its own.
 *
 * <pre>{@code
 * try (BpfObject object = BpfObject.open(Path.of("xdp_counter.o"))) {
 *     BpfResult result = object.program("count").run(packet);
 *     Map<String, Counter> counters = object.map("counters").view(String.class, Counter.class);
 *     System.out.println(result.name() + " " + counters.get("TCP").packets());
 * }
 * }</pre>
 *
 * <p>Programs and maps may be used by many threads at once. They are gone when the object is
 * closed, which is to be done when no thread uses them any more.
 */
public final class BpfObject implements AutoCloseable {
    private static final String LANGUAGE = "ebpf";
    private static final String MIME_TYPE = "application/x-bpf";

    /** Byte buffers of the host are data for programs. */
    private static final HostAccess BUFFERS =
            HostAccess.newBuilder(HostAccess.EXPLICIT).allowBufferAccess(true).build();

    private final Value object;

    private final Listeners listeners = new Listeners();

    /** To be closed with the object; {@code null} where it belongs to somebody else. */
    private final Context owned;

    private BpfObject(Value object, Context owned) {
        this.object = object;
        this.owned = owned;
    }

    /** Opens an object file with the defaults of {@link Builder}. */
    public static BpfObject open(Path file) throws IOException {
        return builder(file).open();
    }

    /** An object in a file, to be opened. */
    public static Builder builder(Path file) throws IOException {
        return builder(file.getFileName().toString(), Files.readAllBytes(file));
    }

    /** An object in memory, to be opened; the name is for messages. */
    public static Builder builder(String name, byte[] bytes) {
        return new Builder(source(name, bytes.clone()));
    }

    private static Source source(String name, byte[] bytes) {
        return Source.newBuilder(LANGUAGE, ByteSequence.create(bytes), name)
                .mimeType(MIME_TYPE)
                .buildLiteral();
    }

    /** Opens an object in a context that is not its own. */
    static BpfObject evaluate(Context context, String name, byte[] bytes) {
        return BpfException.guarded(() -> of(context.eval(source(name, bytes))));
    }

    /** An object that was evaluated in a context of the caller's, who also closes the context. */
    public static BpfObject of(Value object) {
        if (!object.hasMember("programs") || !object.hasMember("maps")) {
            throw BpfException.usage("not a BPF object: " + object);
        }
        return new BpfObject(object, null);
    }

    /** Sets the machine that the object is opened on. */
    public static final class Builder {
        private final Source source;
        private final Map<String, String> options = new HashMap<>();
        private Engine engine;
        private OutputStream output = OutputStream.nullOutputStream();

        private Builder(Source source) {
            this.source = source;
        }

        /** Number of virtual CPUs. */
        public Builder cpus(int cpus) {
            return option("ebpf.Cpus", Integer.toString(cpus));
        }

        /** The time since boot that programs see; without this it is the real one. */
        public Builder clock(Duration sinceBoot) {
            return option("ebpf.Clock", Long.toString(sinceBoot.toNanos()));
        }

        /** Seed of all random numbers. */
        public Builder seed(long seed) {
            return option("ebpf.Seed", Long.toString(seed));
        }

        /** The kernel that programs are loaded for, as a file with its BTF. */
        public Builder targetBtf(Path file) {
            return option("ebpf.TargetBtf", file.toString());
        }

        /** How long one run may take. */
        public Builder timeout(Duration limit) {
            return option("ebpf.Timeout", Long.toString(limit.toSeconds()));
        }

        /** Any option of the language or engine, by its full name. */
        public Builder option(String name, String value) {
            options.put(name, value);
            return this;
        }

        /**
         * Objects that are opened on one engine share what was compiled, so that the second time a
         * file is opened it is fast at once; they share nothing else.
         */
        public Builder engine(Engine shared) {
            engine = shared;
            return this;
        }

        /** Where lines of {@code bpf_trace_printk} go, in the form of the kernel's trace file. */
        public Builder output(OutputStream stream) {
            output = stream;
            return this;
        }

        public BpfObject open() {
            Context.Builder builder =
                    Context.newBuilder(LANGUAGE)
                            .allowHostAccess(BUFFERS)
                            .options(options)
                            .out(output);
            if (engine != null) {
                builder.engine(engine);
            }
            Context context = builder.build();
            try {
                return new BpfObject(BpfException.guarded(() -> context.eval(source)), context);
            } catch (RuntimeException e) {
                context.close();
                throw e;
            }
        }
    }

    /** The program of that name. */
    public BpfProgram program(String name) {
        return new BpfProgram(named("program", object.getMember("programs"), name), listeners);
    }

    /** All programs, in the order of the file. */
    public List<BpfProgram> programs() {
        return elements(object.getMember("programs")).stream()
                .map(program -> new BpfProgram(program, listeners))
                .toList();
    }

    /** The map of that name. */
    public BpfMap map(String name) {
        return new BpfMap(named("map", object.getMember("maps"), name), this);
    }

    /** All maps, those of global variables included. */
    public List<BpfMap> maps() {
        return elements(object.getMember("maps")).stream()
                .map(map -> new BpfMap(map, this))
                .toList();
    }

    /**
     * A global variable of {@code .rodata}, {@code .data} or {@code .bss}. Constants are to be set
     * before the first program is loaded, as a loader does.
     */
    public <T> BpfGlobal<T> global(String name, Class<T> type) {
        for (BpfMap map : maps()) {
            Layout layout = Layout.of(map.value().getMember("valueType"), map.valueSize());
            if (layout instanceof Layout.Composite section && section.members().containsKey(name)) {
                return new BpfGlobal<>(map, section.members().get(name), name, type, order());
            }
        }
        throw BpfException.usage("there is no global variable " + name);
    }

    ByteOrder order() {
        return object.getMember("byteOrder").asString().equals("BIG_ENDIAN")
                ? ByteOrder.BIG_ENDIAN
                : ByteOrder.LITTLE_ENDIAN;
    }

    Listeners listeners() {
        return listeners;
    }

    /** The form of a C type that is no map's. */
    <T> Form<T> form(Class<T> type, String typeName) {
        Value described = object.invokeMember("type", typeName);
        if (described.isNull()) {
            throw BpfException.usage("the object's BTF knows no type " + typeName);
        }
        Layout layout = Layout.of(described, 0);
        Codec codec = Codecs.of(layout, type, layout.name());
        return new Form.Single<>(codec, layout.size(), order(), type);
    }

    private static List<Value> elements(Value array) {
        return LongStream.range(0, array.getArraySize()).mapToObj(array::getArrayElement).toList();
    }

    private Value named(String what, Value values, String name) {
        Value value = values.getMember(name);
        if (value == null) {
            throw BpfException.usage(
                    "there is no "
                            + what
                            + " "
                            + name
                            + " in "
                            + object.getMember("name").asString()
                            + "; it has "
                            + values.getMemberKeys().stream().collect(Collectors.joining(", ")));
        }
        return value;
    }

    /** The license that the object claims. */
    public Optional<String> license() {
        return Optional.ofNullable(object.getMember("license").asString());
    }

    /** The polyglot value, for what this class does not offer. */
    public Value value() {
        return object;
    }

    /** Closes the machine that {@link Builder#open} made; programs and maps cannot be used then. */
    @Override
    public void close() {
        if (owned != null) {
            owned.close();
        }
    }
}
