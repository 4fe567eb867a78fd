package org.trufflebpf.kernel;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * One run of one program of a fixture: its input, and what the kernel did with it.
 *
 * <p>Each case starts from a freshly loaded object, on CPU 0, as root. Byte strings are hex, in the
 * byte order of the (little-endian) machine that recorded them. What a case does not mention is not
 * compared.
 *
 * @param name unique in its file
 * @param program the function's name
 * @param type program type, libbpf's name of it
 * @param kernel whether the expectation was recorded from the kernel
 * @param dataIn packet (or other data), null for none
 * @param ctxIn context, null for none
 * @param repeat number of runs in one call; the results are those of the last run
 * @param attach whether the (tracing) program is attached before the run; {@code BPF_PROG_TEST_RUN}
 *     then calls the kernel's {@code bpf_fentry_test1..n} once
 * @param trigger a shell command that makes the kernel run the program at its hook, for types that
 *     have no test run: the program is attached, in a cgroup of its own where it is for one. The
 *     return value is not seen then; data and context are what the kernel shows the program there
 * @param trace whether the lines of {@code bpf_trace_printk} are compared
 * @param streams whether what the program wrote to its streams is compared
 * @param initMaps what user space puts into maps before the run
 * @param first a syscall program that runs once before, without a context; null for none
 * @param initPrograms what user space puts into prog arrays before the run: map, index, program
 * @param compareMaps names of maps (and of internal maps: ".bss") that are compared afterwards
 * @param compareEvents names of ring buffers and perf event arrays whose records are compared
 * @param note what a reader should know; where {@code kernel} is false, why
 */
@JsonPropertyOrder({
    "name",
    "note",
    "program",
    "type",
    "kernel",
    "data_in",
    "ctx_in",
    "repeat",
    "attach",
    "trigger",
    "trace",
    "streams",
    "init_maps",
    "init_programs",
    "first",
    "compare_maps",
    "compare_events",
    "expect"
})
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record FixtureCase(
        String name,
        String program,
        String type,
        @JsonInclude(JsonInclude.Include.ALWAYS) boolean kernel,
        String dataIn,
        String ctxIn,
        int repeat,
        boolean attach,
        String trigger,
        boolean trace,
        boolean streams,
        Map<String, List<Entry>> initMaps,
        Map<String, SortedMap<Integer, String>> initPrograms,
        String first,
        List<String> compareMaps,
        List<String> compareEvents,
        Expect expect,
        String note) {

    /**
     * An element of a map. The key is null for queues and stacks, which list their values in the
     * order in which they come out. The value is a string, or a list with one string per CPU.
     */
    public record Entry(@JsonInclude(JsonInclude.Include.NON_NULL) String key, Object value) {}

    /** A record in a ring buffer or perf event array. */
    public record Event(String map, String data) {}

    /**
     * The outcome; a null component is not compared.
     *
     * @param error errno name of a refused {@code BPF_PROG_TEST_RUN}; then nothing else is set
     * @param loadError errno name of a refused load; then nothing else is set
     * @param retval unsigned 32 bits
     * @param streams texts of the streams, by {@code stdout} and {@code stderr}
     * @param globals contents of internal maps, by section name
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({
        "load_error",
        "error",
        "retval",
        "data_out",
        "ctx_out",
        "globals",
        "maps",
        "events",
        "trace",
        "streams"
    })
    public record Expect(
            String loadError,
            String error,
            Long retval,
            String dataOut,
            String ctxOut,
            SortedMap<String, String> globals,
            SortedMap<String, List<Entry>> maps,
            List<Event> events,
            List<String> trace,
            SortedMap<String, String> streams) {}

    /** libbpf's view of an object, recorded from libbpf; the loader must agree with it. */
    public record Libbpf(
            String version,
            List<KernelObject.ProgramSpec> programs,
            List<KernelObject.MapSpec> maps) {}

    /**
     * All cases of one object file.
     *
     * @param object file name beside the JSON file
     * @param btf file name of the BTF that CO-RE relocations are resolved against; null: the
     *     kernel's
     * @param environment file name of the simulated environment, for what the recording machine had
     *     and the default does not; null: the default
     * @param kconfig lines of {@code CONFIG_X=y} that override the system's
     * @param needsLibbpf the libbpf that can load the object: "1.4" or newer, "<1.5"; null: any
     * @param loadType program type given by the user, as with {@code bpftool prog load ... type T}
     * @param loadOne whether only the case's program (and its {@code init_programs}) is loaded
     */
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    @JsonPropertyOrder({
        "object",
        "note",
        "btf",
        "environment",
        "kconfig",
        "needs_libbpf",
        "load_type",
        "load_one",
        "libbpf",
        "cases"
    })
    public record File(
            String object,
            String note,
            String btf,
            String environment,
            String kconfig,
            String needsLibbpf,
            String loadType,
            boolean loadOne,
            Libbpf libbpf,
            List<FixtureCase> cases) {

        /** Reads a file of cases. */
        public static File read(Path json) {
            try {
                return MAPPER.readValue(json.toFile(), File.class);
            } catch (IOException e) {
                throw new UncheckedIOException(json.toString(), e);
            }
        }

        /** Writes a file of cases, in one canonical form. */
        public void write(Path json) {
            try {
                DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
                printer.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE);
                Files.writeString(json, MAPPER.writer(printer).writeValueAsString(this) + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException(json.toString(), e);
            }
        }

        /** This file with other cases and libbpf's view. */
        public File with(Libbpf newLibbpf, List<FixtureCase> newCases) {
            return new File(
                    object,
                    note,
                    btf,
                    environment,
                    kconfig,
                    needsLibbpf,
                    loadType,
                    loadOne,
                    newLibbpf,
                    newCases);
        }
    }

    private static final ObjectMapper MAPPER =
            new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    /** The number of runs, at least one. */
    public int runs() {
        return Math.max(1, repeat);
    }

    /** The input data, null for none. */
    public byte[] data() {
        return dataIn == null ? null : HexFormat.of().parseHex(dataIn);
    }

    /** The input context, null for none. */
    public byte[] context() {
        return ctxIn == null ? null : HexFormat.of().parseHex(ctxIn);
    }

    /** This case with another expectation. */
    public FixtureCase with(Expect newExpect) {
        return new FixtureCase(
                name,
                program,
                type,
                kernel,
                dataIn,
                ctxIn,
                repeat,
                attach,
                trigger,
                trace,
                streams,
                initMaps,
                initPrograms,
                first,
                compareMaps,
                compareEvents,
                newExpect,
                note);
    }

    /** All JSON files below a fixture directory, sorted. */
    public static List<Path> files(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(p -> p.toString().endsWith(".json")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
