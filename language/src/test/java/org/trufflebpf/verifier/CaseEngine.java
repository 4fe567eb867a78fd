package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.relo.TargetBtf;

import java.nio.file.Files;

/** Asks the verifier of this project for its verdict on a case. */
final class CaseEngine {
    /** Those of the machine that the verdicts were recorded on. */
    private static final int CPUS = 2;

    private CaseEngine() {}

    static Verdict verify(CaseProgram program) {
        return verify(program, VerifierOptions.DEFAULT);
    }

    static Verdict verify(CaseProgram program, VerifierOptions options) {
        ObjectSpec object = program.object();
        TargetBtf target = TargetBtf.lazy(CaseEngine::kernelTypes);
        VerifierInput anywhere = new VerifierInput(object, program.loaded(object), target);
        return Verifier.verify(
                new VerifierInput(
                        object, anywhere.program(), target, anywhere.constants(), CPUS, false),
                options);
    }

    private static Btf kernelTypes() {
        return Files.isReadable(CaseKernel.BTF) ? CaseKernel.kernelTypes() : null;
    }
}
