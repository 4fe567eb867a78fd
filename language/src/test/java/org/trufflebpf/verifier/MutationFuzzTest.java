package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.kernel.KernelObject;
import org.trufflebpf.kernel.KernelVerifier;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.testing.Seed;
import org.trufflebpf.uapi.ProgramType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Real programs with single instructions changed. Those that the verifier still accepts run, all
 * their accesses checked, on many inputs: none faults, and the registers are among what was
 * computed for them at every instruction. Where that is permitted the kernel has to accept them
 * too; what it accepts of the refused ones is counted.
 */
class MutationFuzzTest {
    private static final List<Path> SOURCES =
            List.of(Path.of("src/test/fixtures"), Recorded.CORPUS, Path.of("../examples"));
    private static final int TRIES = 60;

    /** Not every change leaves an instruction that has a meaning. */
    private static final int ATTEMPTS = 12;

    private static final int TAIL_CALL = 12;

    private final long seed = Seed.of("MutationFuzzTest");
    private final Map<String, Integer> counts = new TreeMap<>();

    private record Source(Path path, ObjectSpec spec, Mutation mutation) {}

    private static List<Source> sources() throws IOException {
        List<Source> sources = new ArrayList<>();
        for (Path directory : SOURCES) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".o")).sorted().toList()) {
                    ObjectSpec spec = Programs.object(file);
                    Mutation mutation =
                            spec == null
                                    ? null
                                    : new Mutation(file.toString(), Files.readAllBytes(file));
                    if (mutation != null && mutation.isPossible()) {
                        sources.add(new Source(file, spec, mutation));
                    }
                }
            }
        }
        return sources;
    }

    @Test
    void acceptedMutantsDoNotFault(@TempDir Path directory) throws IOException {
        fuzz(Integer.getInteger("trufflebpf.mutants", 150), directory);
    }

    @Test
    @Tag("slow")
    void manyAcceptedMutantsDoNotFault(@TempDir Path directory) throws IOException {
        fuzz(10_000, directory);
    }

    private void fuzz(int count, Path directory) throws IOException {
        List<Source> sources = sources();
        boolean kernel = KernelObject.refusal() == null;
        for (long i = seed; i < seed + count; i++) {
            SplittableRandom random = new SplittableRandom(i);
            Source source = sources.get(random.nextInt(sources.size()));
            try {
                mutant(source, random, i, kernel ? directory.resolve("mutant.o") : null);
            } catch (AssertionError e) {
                if (Boolean.getBoolean("trufflebpf.goOn")) {
                    System.out.println("FAILURE " + i + " " + source.path + ": " + e.getMessage());
                    continue;
                }
                throw new AssertionError(
                        "-D" + Seed.PROPERTY + "=" + i + ": " + source.path + ": " + e.getMessage(),
                        e);
            }
        }
        System.out.println("mutants: " + counts);
        assertTrue(counts.getOrDefault("accepted", 0) > count / 20, counts::toString);
    }

    private void mutant(Source source, SplittableRandom random, long id, Path file)
            throws IOException {
        ObjectSpec object = null;
        byte[] bytes = null;
        for (int i = 0; object == null && i < ATTEMPTS; i++) {
            bytes = source.mutation.mutant(random);
            object = read(source, bytes);
        }
        if (object == null) {
            count("unreadable");
            return;
        }
        int index = changed(source.spec, object);
        if (index < 0) {
            count("unchanged");
            return;
        }
        ProgramSpec program = object.programs().get(index);
        VerifierInput input;
        try {
            input = Programs.input(object, program);
        } catch (BpfException e) {
            count("unloadable");
            return;
        }
        Verdict verdict = Verifier.verify(input);
        if (!verdict.accepted()) {
            boolean unsupported = verdict.kind() == RefusalKind.UNSUPPORTED;
            count(unsupported ? "unsupported" : "refused");
            if (!unsupported && file != null && !KernelDanger.isNear(input)) {
                Files.write(file, bytes);
                compareRefused(file, program.name(), verdict);
            }
            return;
        }
        count("accepted");
        if (!isRun(program)) {
            count("not run");
        } else {
            boolean ranges = CheckedRuns.check(input, index, verdict.proofs(), TRIES, id);
            count(ranges ? "ranges held" : "too many paths");
        }
        if (file != null && !KernelDanger.isNear(input)) {
            Files.write(file, bytes);
            compare(file, program.name());
        }
    }

    private static ObjectSpec read(Source source, byte[] bytes) {
        try {
            return ObjectReader.read(source.path.getFileName().toString(), bytes);
        } catch (BpfException e) {
            return null;
        }
    }

    /** Programs that others follow, or that run in a structure of functions, are left aside. */
    private static boolean isRun(ProgramSpec program) {
        for (Insn insn : program.insns()) {
            if (insn.opcode().kind() == Kind.CALL_HELPER && insn.imm() == TAIL_CALL) {
                return false;
            }
        }
        return program.type() != ProgramType.UNSPEC;
    }

    private static int changed(ObjectSpec before, ObjectSpec after) {
        for (int i = 0; i < after.programs().size(); i++) {
            if (!after.programs().get(i).insns().equals(before.programs().get(i).insns())) {
                return i;
            }
        }
        return -1;
    }

    private void compare(Path file, String program) {
        KernelVerifier.Result kernel = KernelVerifier.verify(file, program);
        if (kernel == null) {
            count("kernel did not judge");
            return;
        }
        if (kernel.accepted()) {
            count("kernel accepts");
            return;
        }
        fail(program + " is accepted, but the kernel refuses it: " + kernel.message());
    }

    /** What the kernel accepts and is refused here is no failure; it is counted by its phrase. */
    private void compareRefused(Path file, String program, Verdict verdict) {
        KernelVerifier.Result kernel = KernelVerifier.verify(file, program);
        if (kernel == null) {
            count("refused, kernel did not judge");
        } else if (kernel.accepted()) {
            count("imprecise: " + verdict.message().replaceAll("[:(].*|\\d+", ""));
        } else {
            count("refused by the kernel too");
        }
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }
}
