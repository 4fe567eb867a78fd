package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.kernel.KernelObject;
import org.trufflebpf.kernel.KernelVerifier;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The kernel's verdict on every program of the fixtures and examples is the verifier's too. */
class VerifierKernelTest {
    private static final List<Path> ROOTS =
            List.of(Path.of("src/test/fixtures"), Path.of("../examples"));

    static Stream<Arguments> objects() throws IOException {
        List<Arguments> found = new ArrayList<>();
        for (Path root : ROOTS) {
            try (Stream<Path> paths = Files.walk(root)) {
                paths.filter(path -> path.toString().endsWith(".o"))
                        .sorted()
                        .forEach(path -> found.add(Arguments.of(root.relativize(path), path)));
            }
        }
        return found.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("objects")
    void agreesWithTheKernel(Path shown, Path path) {
        String refusal = KernelObject.refusal();
        Assumptions.assumeTrue(refusal == null, () -> "no kernel oracle: " + refusal);
        ObjectSpec object = Programs.object(path);
        Assumptions.assumeTrue(object != null, "the object cannot be opened");
        List<String> kernel = new ArrayList<>();
        List<String> ours = new ArrayList<>();
        List<String> unjudged = new ArrayList<>();
        for (ProgramSpec program : object.programs()) {
            String verdict = kernelVerdict(path, program.name());
            if (verdict == null) {
                continue;
            }
            Verdict verified = Programs.verify(object, program);
            if (verified.kind() == RefusalKind.UNSUPPORTED) {
                unjudged.add(program.name() + ": " + verified.message());
                continue;
            }
            kernel.add(program.name() + ": " + verdict);
            ours.add(program.name() + ": " + (verified.accepted() ? "accept" : "reject"));
            if (!ours.getLast().equals(kernel.getLast())) {
                ours.set(ours.size() - 1, ours.getLast() + " " + verified.explanation());
            }
        }
        assertEquals(String.join("\n", kernel), String.join("\n", ours));
        Assumptions.assumeTrue(
                unjudged.isEmpty(), () -> "not judged yet: " + String.join("; ", unjudged));
    }

    /** Accept, reject, or {@code null} where the kernel does not come to judge the program. */
    private static String kernelVerdict(Path path, String program) {
        KernelVerifier.Result result = KernelVerifier.verify(path, program);
        return result == null ? null : result.accepted() ? "accept" : "reject";
    }

    @Test
    void theFixturesAreThere() throws IOException {
        assertEquals(true, objects().count() > 50);
    }
}
