package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.relo.Loader;
import org.trufflebpf.relo.TargetBtf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens and verifies programs of files, against the running kernel's types where there are any. */
final class Programs {
    private static final Path VMLINUX = Path.of("/sys/kernel/btf/vmlinux");
    private static final TargetBtf KERNEL = TargetBtf.lazy(Programs::kernelBtf);

    private Programs() {}

    private static Btf kernelBtf() {
        try {
            return Files.isReadable(VMLINUX)
                    ? Btf.parse("vmlinux", Files.readAllBytes(VMLINUX))
                    : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Prints what the verifier says: an object, a program (or all), a log level. */
    public static void main(String[] args) {
        ObjectSpec object = object(Path.of(args[0]));
        for (ProgramSpec program : object.programs()) {
            if (args.length < 2 || args[1].equals("-") || args[1].equals(program.name())) {
                int level = args.length > 2 ? Integer.parseInt(args[2]) : 0;
                Verdict verdict = verify(object, program, VerifierOptions.DEFAULT.withLog(level));
                System.out.print(verdict.log());
                System.out.printf(
                        "%s: %s, %d steps, %d states, %d us, %d proofs%n",
                        program.name(),
                        verdict.accepted() ? "accept" : "reject",
                        verdict.steps(),
                        verdict.states(),
                        verdict.durationNs() / 1000,
                        verdict.proofs().count());
            }
        }
    }

    /** The object, or {@code null} where it cannot be opened. */
    static ObjectSpec object(Path path) {
        try {
            return ObjectReader.read(path.getFileName().toString(), Files.readAllBytes(path));
        } catch (BpfException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Verdict verify(ObjectSpec object, ProgramSpec program) {
        return verify(object, program, VerifierOptions.DEFAULT);
    }

    static Verdict verify(ObjectSpec object, ProgramSpec program, VerifierOptions options) {
        return Verifier.verify(input(object, program), options);
    }

    static VerifierInput input(ObjectSpec object, ProgramSpec program) {
        TargetBtf target = TargetBtf.lazy(() -> KERNEL.get() != null ? KERNEL.get() : object.btf());
        return new VerifierInput(object, Loader.load(object, program, target, null), target);
    }
}
