package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.object.ObjectReader;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.relo.LoadedProgram;
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
        TargetBtf target = TargetBtf.lazy(() -> KERNEL.get() != null ? KERNEL.get() : object.btf());
        LoadedProgram loaded = Loader.load(object, program, target, null);
        return Verifier.verify(new VerifierInput(object, loaded, target), options);
    }
}
