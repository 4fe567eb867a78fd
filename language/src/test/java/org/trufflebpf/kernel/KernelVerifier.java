package org.trufflebpf.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The verdict of the running kernel's verifier on programs of raw instructions, with its words and
 * its time.
 */
public final class KernelVerifier {
    private static final int LOG_CAPACITY = 1 << 22;
    private static final int LOG_LEVEL_STATS = 4;
    private static final int FLAG_SLEEPABLE = 1 << 4;
    private static final int CMD_PROG_LOAD = 5;
    private static final int CMD_BTF_LOAD = 18;
    private static final Pattern TIME = Pattern.compile("verification time (\\d+) usec");
    private static final Pattern STEPS = Pattern.compile("processed (\\d+) insns");

    /**
     * What the loader has not done, which is no verdict on the program: libbpf before 1.3 leaves
     * exception callbacks out, and nobody has mapped the arena.
     */
    private static final Pattern LOADERS_FAULT =
            Pattern.compile(
                    "exception callback type id not found in func_info"
                            + "|arena's user address must be set");

    private KernelVerifier() {}

    /**
     * What to load.
     *
     * @param type {@code enum bpf_prog_type}
     * @param btfFd BTF of the program, or -1
     * @param functions pairs of instruction offset and BTF id, empty without BTF
     * @param attachBtfId id of the kernel's type that the program is attached to, or 0
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bytes, never compared
    public record Load(
            int type,
            int attachType,
            byte[] insns,
            String license,
            boolean sleepable,
            int btfFd,
            int[] functions,
            int attachBtfId) {}

    /**
     * A verdict.
     *
     * @param message errno and the last line of the log before its statistics; empty if accepted
     * @param steps instructions that the verifier walked, -1 if it did not say
     * @param micros its own time, -1 if it did not say
     */
    public record Result(boolean accepted, String message, long steps, long micros, String log) {}

    /** Asks for a verdict; nothing stays loaded. */
    public static Result verify(Load load) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(144, 8);
            attr.set(ValueLayout.JAVA_INT, 0, load.type);
            attr.set(ValueLayout.JAVA_INT, 4, load.insns.length / 8);
            MemorySegment code = arena.allocate(load.insns.length, 8);
            code.copyFrom(MemorySegment.ofArray(load.insns));
            attr.set(ValueLayout.JAVA_LONG, 8, code.address());
            attr.set(ValueLayout.JAVA_LONG, 16, arena.allocateFrom(load.license).address());
            MemorySegment log = arena.allocate(LOG_CAPACITY);
            attr.set(ValueLayout.JAVA_INT, 24, LOG_LEVEL_STATS);
            attr.set(ValueLayout.JAVA_INT, 28, LOG_CAPACITY);
            attr.set(ValueLayout.JAVA_LONG, 32, log.address());
            attr.set(ValueLayout.JAVA_INT, 44, load.sleepable ? FLAG_SLEEPABLE : 0);
            attr.set(ValueLayout.JAVA_INT, 68, load.attachType);
            if (load.btfFd >= 0) {
                attr.set(ValueLayout.JAVA_INT, 72, load.btfFd);
                attr.set(ValueLayout.JAVA_INT, 76, 8);
                MemorySegment functions = arena.allocateFrom(ValueLayout.JAVA_INT, load.functions);
                attr.set(ValueLayout.JAVA_LONG, 80, functions.address());
                attr.set(ValueLayout.JAVA_INT, 88, load.functions.length / 2);
            }
            attr.set(ValueLayout.JAVA_INT, 108, load.attachBtfId);
            long fd = NativeCalls.syscall(NativeCalls.BPF, CMD_PROG_LOAD, attr.address(), 144);
            if (fd >= 0) {
                KernelBpf.close((int) fd);
            }
            String text = log.getString(0, StandardCharsets.ISO_8859_1);
            String errno = fd >= 0 ? "" : KernelBpfException.errnoName((int) -fd);
            String message = fd >= 0 ? "" : (errno + " " + lastWords(text)).strip();
            return new Result(fd >= 0, message, number(STEPS, text), number(TIME, text), text);
        }
    }

    /**
     * Asks for a verdict on one program of an object, as libbpf loads it.
     *
     * @return {@code null} where the verifier has not seen the program: libbpf refuses the object
     *     before, or leaves the program out
     */
    public static Result verify(Path file, String program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(LOG_CAPACITY);
            try (KernelObject object =
                    KernelObject.open(file, KernelObject.Options.NONE, log, LOG_LEVEL_STATS)) {
                object.onlyPrograms(Set.of(program)).load();
                String text = log.getString(0, StandardCharsets.ISO_8859_1);
                // libbpf leaves out what it knows no type of
                return number(STEPS, text) < 0
                        ? null
                        : new Result(true, "", number(STEPS, text), number(TIME, text), text);
            } catch (KernelBpfException e) {
                String text = log.getString(0, StandardCharsets.ISO_8859_1);
                if (STEPS.matcher(text).results().findAny().isEmpty()
                        || LOADERS_FAULT.matcher(text).find()) {
                    return null;
                }
                if (lastWords(text).isEmpty() && number(STEPS, text) > 0) {
                    // verified; the object needs its other programs for something else
                    return new Result(true, "", number(STEPS, text), number(TIME, text), text);
                }
                String message =
                        (KernelBpfException.errnoName(e.errno()) + " " + lastWords(text)).strip();
                return new Result(false, message, number(STEPS, text), number(TIME, text), text);
            }
        }
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** The last line of a log that is neither its statistics nor a line of source. */
    public static String lastWords(String log) {
        List<String> lines =
                // not every message ends its line
                log.replace("verification time ", "\nverification time ")
                        .lines()
                        .filter(
                                line ->
                                        !line.isBlank()
                                                && !line.startsWith("; ")
                                                && !line.startsWith("processed ")
                                                && !line.startsWith("verification time ")
                                                && !line.startsWith("stack depth "))
                        .toList();
        return lines.isEmpty() ? "" : lines.getLast().strip();
    }

    /** Loads BTF. */
    public static int btfLoad(byte[] btf) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = arena.allocate(144, 8);
            MemorySegment data = arena.allocate(btf.length, 8);
            data.copyFrom(MemorySegment.ofArray(btf));
            MemorySegment log = arena.allocate(1 << 16);
            attr.set(ValueLayout.JAVA_LONG, 0, data.address());
            attr.set(ValueLayout.JAVA_LONG, 8, log.address());
            attr.set(ValueLayout.JAVA_INT, 16, btf.length);
            attr.set(ValueLayout.JAVA_INT, 20, 1 << 16);
            attr.set(ValueLayout.JAVA_INT, 24, 1);
            long fd = NativeCalls.syscall(NativeCalls.BPF, CMD_BTF_LOAD, attr.address(), 144);
            if (fd < 0) {
                throw new KernelBpfException("BPF_BTF_LOAD", (int) -fd, log.getString(0));
            }
            return (int) fd;
        }
    }
}
