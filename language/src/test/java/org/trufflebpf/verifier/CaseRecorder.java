package org.trufflebpf.verifier;

import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.kernel.KernelVerifier;

/**
 * Writes the verdicts of all case files anew from the running kernel. Arguments: parts of names of
 * cases ("file: name"), to restrict it.
 */
public final class CaseRecorder {
    private CaseRecorder() {}

    public static void main(String[] arguments) {
        if (!KernelBpf.isPermitted()) {
            throw new IllegalStateException("cannot record: " + KernelBpf.refusal());
        }
        int recorded = 0;
        int changed = 0;
        for (CaseFile file : CaseFile.all()) {
            for (VerifierCase single : file.cases()) {
                boolean wanted = arguments.length == 0;
                for (String part : arguments) {
                    wanted |= single.toString().contains(part);
                }
                if (!wanted) {
                    continue;
                }
                try {
                    KernelVerifier.Result result = CaseKernel.verify(new CaseProgram(single));
                    VerifierCase.Verdict verdict =
                            new VerifierCase.Verdict(result.accepted(), result.message());
                    changed += verdict.equals(single.expected()) ? 0 : 1;
                    file.record(single, verdict);
                    recorded++;
                } catch (RuntimeException e) {
                    System.err.println(single + ": " + e);
                }
            }
            file.write();
        }
        System.out.println(recorded + " cases recorded, " + changed + " changed");
    }
}
