package org.trufflebpf;

import com.oracle.truffle.api.Option;

import org.graalvm.options.OptionCategory;
import org.graalvm.options.OptionKey;
import org.graalvm.options.OptionStability;
import org.graalvm.options.OptionValues;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.Environment;
import org.trufflebpf.world.WorldReader;
import org.trufflebpf.world.WorldSpec;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The options of the language: what a user sets of the simulated machine, and how programs are
 * loaded.
 */
@Option.Group(EbpfLanguage.ID)
final class EbpfOptions {
    @Option(
            name = "TargetBtf",
            help =
                    "BTF of the kernel that CO-RE relocations are resolved against: a raw BTF file"
                        + " or an ELF file with a .BTF section. Default: the running kernel's, else"
                        + " the object's own.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<path>")
    static final OptionKey<String> TARGET_BTF = new OptionKey<>("");

    @Option(
            name = "KernelConfig",
            help =
                    "Kernel configuration for __kconfig externs: a file of CONFIG_X=value lines,"
                            + " which come before those of the running kernel.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<path>")
    static final OptionKey<String> KERNEL_CONFIG = new OptionKey<>("");

    @Option(
            name = "Cpus",
            help = "Number of virtual CPUs.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "[1, 4096]")
    static final OptionKey<Integer> CPUS = new OptionKey<>(Environment.DEFAULT.cpus());

    @Option(
            name = "Seed",
            help = "Seed of all random numbers, so that a run can be repeated.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<number>")
    static final OptionKey<Long> SEED = new OptionKey<>(Environment.DEFAULT.seed());

    @Option(
            name = "Clock",
            help = "Time that programs see: 'real', or a fixed number of nanoseconds since boot.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "real|<nanoseconds>")
    static final OptionKey<String> CLOCK = new OptionKey<>("real");

    @Option(
            name = "Environment",
            help =
                    "The simulated environment: a JSON file that describes tasks, cgroups, sockets,"
                            + " interfaces, routes, memory and symbols (docs/environment.md).",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<path>")
    static final OptionKey<String> ENVIRONMENT = new OptionKey<>("");

    @Option(
            name = "MaxMemory",
            help = "Bytes that stacks, packets and maps of a context may take.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<bytes>")
    static final OptionKey<Long> MAX_MEMORY = new OptionKey<>(Environment.DEFAULT.maxMemory());

    @Option(
            name = "ProgramType",
            help =
                    "Program type by libbpf's name (xdp, sched_cls, raw_tracepoint, ...), in place"
                            + " of what section names say.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<type>")
    static final OptionKey<String> PROGRAM_TYPE = new OptionKey<>("");

    @Option(
            name = "AttachType",
            help =
                    "Expected attach type by its name in linux/bpf.h or bpftool's, in place of what"
                            + " section names say.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<attach type>")
    static final OptionKey<String> ATTACH_TYPE = new OptionKey<>("");

    @Option(
            name = "Link",
            help =
                    "Object files that are linked with each object before it is loaded, as bpftool"
                            + " gen object does.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<path>[,<path>...]")
    static final OptionKey<String> LINK = new OptionKey<>("");

    @Option(
            name = "Replace",
            help =
                    "Object files with freplace programs, which take the place of the functions"
                            + " that their sections name.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<path>[,<path>...]")
    static final OptionKey<String> REPLACE = new OptionKey<>("");

    @Option(
            name = "Timeout",
            help = "Seconds after which one run of a program is stopped; 0 for never.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "<seconds>")
    static final OptionKey<Integer> TIMEOUT = new OptionKey<>(60);

    @Option(
            name = "TraceInsns",
            help =
                    "Print every instruction that runs, with the registers it changed, to the error"
                            + " stream.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE)
    static final OptionKey<Boolean> TRACE_INSNS = new OptionKey<>(false);

    @Option(
            name = "PrintTrace",
            help =
                    "Print what programs print with bpf_trace_printk to the output stream, as the"
                            + " kernel's trace file shows it.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE)
    static final OptionKey<Boolean> PRINT_TRACE = new OptionKey<>(true);

    @Option(
            name = "Conformance",
            help =
                    "Give programs the helpers of the bpf_conformance suite instead of the"
                            + " kernel's.",
            category = OptionCategory.EXPERT,
            stability = OptionStability.EXPERIMENTAL)
    static final OptionKey<Boolean> CONFORMANCE = new OptionKey<>(false);

    @Option(
            name = "Verify",
            help =
                    "Verify programs when they are loaded, as the kernel does: what is refused does"
                            + " not run, what is accepted runs with fewer checks.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE)
    static final OptionKey<Boolean> VERIFY = new OptionKey<>(false);

    @Option(
            name = "VerifierLog",
            help =
                    "Print the verifier's log to the error stream, in the style of the kernel's: 1"
                            + " for the path that is refused, 2 for all paths, 0 for none.",
            category = OptionCategory.USER,
            stability = OptionStability.STABLE,
            usageSyntax = "0|1|2")
    static final OptionKey<Integer> VERIFIER_LOG = new OptionKey<>(0);

    private EbpfOptions() {}

    static Environment environment(OptionValues values) {
        int cpus = values.get(CPUS);
        if (cpus < 1 || cpus > 4096) {
            throw BpfException.usage("the number of CPUs is " + cpus + ", expected 1 to 4096");
        }
        return new Environment(
                cpus,
                values.get(SEED),
                clock(values.get(CLOCK)),
                values.get(MAX_MEMORY),
                world(values.get(ENVIRONMENT)),
                Math.max(0, values.get(TIMEOUT)) * 1_000_000_000L);
    }

    private static WorldSpec world(String path) {
        if (path.isEmpty()) {
            return WorldSpec.DEFAULT;
        }
        try {
            return WorldReader.read(path, Files.readString(Path.of(path)));
        } catch (CharacterCodingException e) {
            throw BpfException.usage("the environment " + path + " is not UTF-8 text");
        } catch (IOException | InvalidPathException e) {
            throw BpfException.usage("cannot read the environment " + path + ": " + e.getMessage());
        }
    }

    private static long clock(String text) {
        if (text.equals("real")) {
            return -1;
        }
        try {
            long nanos = Long.parseLong(text);
            if (nanos >= 0) {
                return nanos;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw BpfException.usage(
                "the clock is '" + text + "', expected 'real' or nanoseconds since boot");
    }

    static CodeOptions code(OptionValues values) {
        return new CodeOptions(
                values.get(PROGRAM_TYPE),
                values.get(ATTACH_TYPE),
                values.get(TARGET_BTF),
                values.get(LINK),
                values.get(TRACE_INSNS),
                values.get(CONFORMANCE),
                values.get(VERIFY),
                values.get(VERIFIER_LOG));
    }
}
