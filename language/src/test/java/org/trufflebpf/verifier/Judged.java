package org.trufflebpf.verifier;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.kernel.KernelDefect;
import org.trufflebpf.kernel.KernelVerifier;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A program of an object file, and what the kernel and the verifier say of it.
 *
 * @param insns its length
 * @param kernel {@code null} where the kernel was not asked or did not come to judge it
 */
record Judged(
        String object, String program, int insns, KernelVerifier.Result kernel, Engine engine) {

    /**
     * The verdict of this project's verifier.
     *
     * @param words of a refusal, in the kernel's style
     * @param message of a refusal, for a person
     */
    record Engine(boolean accepted, String words, String message, long steps, long micros) {
        static Engine of(Verdict verdict) {
            return new Engine(
                    verdict.accepted(),
                    verdict.message(),
                    verdict.accepted() ? "" : verdict.explanation(),
                    verdict.steps(),
                    verdict.durationNs() / 1000);
        }
    }

    boolean agrees() {
        return kernel == null || kernel.accepted() == engine.accepted();
    }

    /**
     * Whether both refuse in the same words: one of the lines of the kernel's log, up to the first
     * comma, colon or bracket, behind which ids and ranges stand.
     */
    boolean saysTheSame() {
        String here = phrase(engine.words());
        return kernel.log().lines().anyMatch(line -> phrase(line).equals(here));
    }

    private static String phrase(String words) {
        return words.split("[,:(]", 2)[0].strip();
    }

    /** Whether what the kernel refuses is accepted here. */
    boolean isUnsound() {
        return kernel != null && !kernel.accepted() && engine.accepted();
    }

    @Override
    public String toString() {
        return object + " " + program;
    }

    /** The object files below a directory. */
    static List<Path> objects(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.filter(path -> path.toString().endsWith(".o")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All programs of an object; the kernel is asked where {@code kernel} says so. */
    static List<Judged> programs(Path file, boolean kernel) {
        ObjectSpec object = Programs.object(file);
        if (object == null) {
            return List.of();
        }
        return object.programs().stream()
                .map(program -> judge(file, object, program, kernel))
                .toList();
    }

    private static Judged judge(Path file, ObjectSpec object, ProgramSpec program, boolean kernel) {
        // what crashes the kernel's verifier is not shown to it
        boolean shown = kernel && !KernelDefect.isNear(program.insns());
        return new Judged(
                file.getFileName().toString(),
                program.name(),
                program.insns().isEmpty() ? 0 : program.insns().getLast().next(),
                shown ? KernelVerifier.verify(file, program.name()) : null,
                engine(object, program));
    }

    static Engine engine(ObjectSpec object, ProgramSpec program) {
        try {
            return Engine.of(Programs.verify(object, program));
        } catch (BpfException e) {
            return new Engine(false, e.getMessage(), e.getMessage(), 0, 0);
        }
    }
}
