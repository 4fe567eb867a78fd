package org.trufflebpf.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A BPF object file opened, and optionally loaded into the kernel, by libbpf itself, so that its
 * meaning is by definition libbpf's.
 *
 * <p>Opened, it gives libbpf's view of programs and maps (the oracle of the loader). Loaded, it
 * gives file descriptors for {@link KernelBpf}. Maps with {@code LIBBPF_PIN_BY_NAME} are pinned
 * below a directory of this object's own and unpinned by {@link #close}.
 */
public final class KernelObject implements AutoCloseable {
    private static final Path BPFFS = Path.of("/sys/fs/bpf");

    /** What may be set before an object is opened; every field may be null. */
    public record Options(Path customBtf, String kconfig) {
        public static final Options NONE = new Options(null, null);
    }

    /** A program as libbpf names it: types are libbpf's strings, e.g. {@code xdp}. */
    public record ProgramSpec(
            String name,
            String section,
            String type,
            String attachType,
            int insnCount,
            boolean autoload) {}

    /** A map as libbpf names it; internal maps by their section (".bss"). */
    public record MapSpec(
            String name,
            String type,
            int keySize,
            int valueSize,
            int maxEntries,
            int flags,
            long mapExtra) {}

    private final Libbpf libbpf;
    private final MemorySegment object;
    private final String file;
    private final Path pinDirectory;
    private final List<Integer> links = new ArrayList<>();
    private final List<MemorySegment> attached = new ArrayList<>();

    private KernelObject(Libbpf libbpf, MemorySegment object, String file, Path pinDirectory) {
        this.libbpf = libbpf;
        this.object = object;
        this.file = file;
        this.pinDirectory = pinDirectory;
    }

    /** Null where objects can be loaded, else one line that says why not. */
    public static String refusal() {
        if (!KernelBpf.isPermitted()) {
            return KernelBpf.refusal();
        }
        return Libbpf.isInstalled() ? null : "libbpf.so.1 is not installed";
    }

    /** The version of the libbpf that loads objects here. */
    public static String libbpfVersion() {
        return Libbpf.get().version();
    }

    /**
     * Null where libbpf has the needed version ("1.4": or newer, "<1.5": older, null: any), else
     * why not.
     */
    public static String refusal(String neededLibbpf) {
        String refusal = refusal();
        if (refusal != null || neededLibbpf == null) {
            return refusal;
        }
        boolean older = neededLibbpf.startsWith("<");
        Runtime.Version bound = Runtime.Version.parse(neededLibbpf.substring(older ? 1 : 0));
        String version = libbpfVersion().substring(1);
        return Runtime.Version.parse(version).compareTo(bound) < 0 == older
                ? null
                : "needs libbpf " + neededLibbpf + ", here is " + version;
    }

    /** Opens an object without loading it. */
    public static KernelObject open(Path file, Options options) {
        return open(file, options, MemorySegment.NULL, 0);
    }

    /** Opens an object whose programs the verifier shall write about, at a log level. */
    static KernelObject open(Path file, Options options, MemorySegment log, int level) {
        Libbpf libbpf = Libbpf.get();
        Libbpf.takeLog();
        Path pins =
                BPFFS.resolve(
                        "trufflebpf-test-"
                                + ProcessHandle.current().pid()
                                + "-"
                                + Thread.currentThread().threadId());
        try (Arena arena = Arena.ofConfined()) {
            // struct bpf_object_open_opts
            MemorySegment opts = arena.allocate(80, 8);
            opts.set(ValueLayout.JAVA_LONG, 0, 80L);
            opts.set(ValueLayout.ADDRESS, 24, arena.allocateFrom(pins.toString()));
            if (options.kconfig() != null) {
                opts.set(ValueLayout.ADDRESS, 40, arena.allocateFrom(options.kconfig()));
            }
            if (options.customBtf() != null) {
                opts.set(
                        ValueLayout.ADDRESS,
                        48,
                        arena.allocateFrom(options.customBtf().toString()));
            }
            if (level > 0) {
                opts.set(ValueLayout.ADDRESS, 56, log);
                opts.set(ValueLayout.JAVA_LONG, 64, log.byteSize());
                opts.set(ValueLayout.JAVA_INT, 72, level);
            }
            MemorySegment object =
                    libbpf.pointer(
                            "bpf_object__open_file", arena.allocateFrom(file.toString()), opts);
            if (object.address() == 0) {
                throw new KernelBpfException("open " + file, Libbpf.lastErrno(), Libbpf.takeLog());
            }
            return new KernelObject(libbpf, object, file.toString(), pins);
        }
    }

    /** Leaves all programs but these out of {@link #load}. */
    public KernelObject onlyPrograms(Set<String> names) {
        programs()
                .forEach(
                        (name, program) ->
                                libbpf.integer(
                                        "bpf_program__set_autoload",
                                        program,
                                        names.contains(name)));
        return this;
    }

    /** Sets the type of every program, as {@code bpftool prog load ... type T} does. */
    public KernelObject forceType(String type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment progType = arena.allocate(4, 4);
            MemorySegment attachType = arena.allocate(4, 4);
            String section = type + "/";
            int result =
                    libbpf.integer(
                            "libbpf_prog_type_by_name",
                            arena.allocateFrom(section),
                            progType,
                            attachType);
            if (result < 0) {
                result =
                        libbpf.integer(
                                "libbpf_prog_type_by_name",
                                arena.allocateFrom(type),
                                progType,
                                attachType);
            }
            if (result < 0) {
                throw new KernelBpfException("program type " + type, -result, Libbpf.takeLog());
            }
            int value = progType.get(ValueLayout.JAVA_INT, 0);
            for (MemorySegment program : programs().values()) {
                libbpf.integer("bpf_program__set_type", program, value);
            }
            return this;
        }
    }

    /** Loads maps and programs into the kernel. */
    public KernelObject load() {
        int result = libbpf.integer("bpf_object__load", object);
        if (result < 0) {
            throw new KernelBpfException("load " + file, -result, Libbpf.takeLog());
        }
        return this;
    }

    /** libbpf's view of the programs, in the order of the file. */
    public List<ProgramSpec> programSpecs() {
        List<ProgramSpec> specs = new ArrayList<>();
        programs()
                .forEach(
                        (name, program) ->
                                specs.add(
                                        new ProgramSpec(
                                                name,
                                                libbpf.string("bpf_program__section_name", program),
                                                libbpf.string(
                                                        "libbpf_bpf_prog_type_str",
                                                        libbpf.integer(
                                                                "bpf_program__type", program)),
                                                libbpf.string(
                                                        "libbpf_bpf_attach_type_str",
                                                        libbpf.integer(
                                                                "bpf_program__expected_attach_type",
                                                                program)),
                                                (int)
                                                        libbpf.longInteger(
                                                                "bpf_program__insn_cnt", program),
                                                (libbpf.integer("bpf_program__autoload", program)
                                                                & 0xff)
                                                        != 0)));
        return specs;
    }

    /** libbpf's view of the maps, in libbpf's order. */
    public List<MapSpec> mapSpecs() {
        List<MapSpec> specs = new ArrayList<>();
        maps().forEach(
                        (name, map) ->
                                specs.add(
                                        new MapSpec(
                                                name,
                                                libbpf.string(
                                                        "libbpf_bpf_map_type_str",
                                                        libbpf.integer("bpf_map__type", map)),
                                                libbpf.integer("bpf_map__key_size", map),
                                                libbpf.integer("bpf_map__value_size", map),
                                                libbpf.integer("bpf_map__max_entries", map),
                                                libbpf.integer("bpf_map__map_flags", map),
                                                libbpf.longInteger("bpf_map__map_extra", map))));
        return specs;
    }

    /** File descriptor of a loaded program; owned by this object. */
    public int program(String name) {
        MemorySegment program = programs().get(name);
        if (program == null) {
            throw new IllegalArgumentException(file + " has no program " + name);
        }
        return libbpf.integer("bpf_program__fd", program);
    }

    /** File descriptor of a created map; owned by this object. */
    public int map(String name) {
        MemorySegment map = maps().get(name);
        if (map == null) {
            throw new IllegalArgumentException(file + " has no map " + name);
        }
        return libbpf.integer("bpf_map__fd", map);
    }

    /** Attaches a tracing program (fentry and its kin) to the function that its section names. */
    public void attachTracing(String name) {
        links.add(KernelBpf.rawTracepointOpen(null, program(name)));
    }

    /**
     * Attaches a program to what its section names.
     *
     * @param cgroup file descriptor of the cgroup, for programs that are for one
     */
    public void attach(String name, int cgroup) {
        MemorySegment program = programs().get(name);
        String section = libbpf.string("bpf_program__section_name", program);
        boolean hooked = section.startsWith("cgroup/") || section.equals("sockops");
        MemorySegment link =
                hooked
                        ? libbpf.pointer("bpf_program__attach_cgroup", program, cgroup)
                        : libbpf.pointer("bpf_program__attach", program);
        if (link.address() == 0) {
            throw new KernelBpfException("attach " + name, Libbpf.lastErrno(), Libbpf.takeLog());
        }
        attached.add(link);
    }

    /** Takes back what {@link #attach} did. */
    public void detach() {
        attached.forEach(link -> libbpf.integer("bpf_link__destroy", link));
        attached.clear();
    }

    private Map<String, MemorySegment> programs() {
        Map<String, MemorySegment> programs = new LinkedHashMap<>();
        MemorySegment program = MemorySegment.NULL;
        while (true) {
            program = libbpf.pointer("bpf_object__next_program", object, program);
            if (program.address() == 0) {
                return programs;
            }
            programs.put(libbpf.string("bpf_program__name", program), program);
        }
    }

    private Map<String, MemorySegment> maps() {
        Map<String, MemorySegment> maps = new LinkedHashMap<>();
        MemorySegment map = MemorySegment.NULL;
        while (true) {
            map = libbpf.pointer("bpf_object__next_map", object, map);
            if (map.address() == 0) {
                return maps;
            }
            String name = libbpf.string("bpf_map__name", map);
            // Internal maps are "<start of the object's name>.bss"
            maps.put(name.indexOf('.') < 0 ? name : name.substring(name.indexOf('.')), map);
        }
    }

    @Override
    public void close() {
        detach();
        links.forEach(KernelBpf::close);
        try (Arena arena = Arena.ofConfined()) {
            if (Files.isDirectory(pinDirectory)) {
                libbpf.integer(
                        "bpf_object__unpin_maps",
                        object,
                        arena.allocateFrom(pinDirectory.toString()));
                Files.delete(pinDirectory);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } finally {
            libbpf.longInteger("bpf_object__close", object);
        }
    }
}
