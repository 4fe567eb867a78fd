package org.trufflebpf.verifier;

import org.graalvm.polyglot.Context;
import org.trufflebpf.OpenedObject;
import org.trufflebpf.counterexample.Search;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.nodes.InsnListener;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.testing.Mode;
import org.trufflebpf.uapi.ProgramType;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs a program that the verifier accepted, all accesses checked, on many inputs that the search
 * for counterexamples derives; throws where a run faults, an access leaves what was proven of it,
 * or the registers are in none of the states of their instruction.
 */
final class CheckedRuns {
    private CheckedRuns() {}

    /**
     * Runs a program.
     *
     * @param input what was verified
     * @param index the program's index in its object
     * @param proofs those of the verdict
     * @return whether the ranges of registers were held to as well
     */
    static boolean check(VerifierInput input, int index, Proofs proofs, int tries, long seed) {
        ObjectSpec object = input.object();
        Ranges ranges = Ranges.of(input);
        boolean oneFrame = input.program().spec().subprogs().size() <= 1;
        String name = input.program().spec().name();
        ProgramType type = input.program().spec().type();
        try (Context context =
                Mode.INTERPRETED
                        .context()
                        .option("ebpf.PrintTrace", "false")
                        .option("ebpf.Timeout", "20")
                        .build()) {
            OpenedObject.with(
                    context,
                    object,
                    opened -> {
                        AtomicReference<Search> search = new AtomicReference<>();
                        AccessCheck accesses =
                                new AccessCheck(proofs, oneFrame, () -> search.get().instance());
                        InsnListener listener =
                                (code, insn, before, after, outcome) -> {
                                    if (ranges != null) {
                                        ranges.executed(code, insn, before, after, outcome);
                                    }
                                    accesses.executed(code, insn, before, after, outcome);
                                };
                        search.set(
                                new Search(
                                        opened,
                                        index,
                                        -1,
                                        fault ->
                                                isUnsafe(fault, type)
                                                        && !isGuarded(input, proofs, fault),
                                        listener,
                                        seed));
                        Search.Result result = search.get().run(tries);
                        if (result.input() != null) {
                            throw new AssertionError(
                                    name + " is accepted and faults: " + result.fault().describe());
                        }
                    });
        }
        return ranges != null;
    }

    /**
     * Accesses without a proof, to kernel objects and arenas, are checked in every run: where the
     * kernel catches the fault and reads zero, the run ends here.
     */
    private static boolean isGuarded(VerifierInput input, Proofs proofs, BpfException fault) {
        int at = fault.where().insn();
        return !proofs.isProven(at)
                && input.program().insns().stream()
                        .filter(insn -> insn.index() == at)
                        .anyMatch(CheckedRuns::isAccess);
    }

    private static boolean isAccess(Insn insn) {
        return switch (insn.opcode().kind()) {
            case LDX, LDSX, LOAD_ACQUIRE, ST, STX, STORE_RELEASE, ATOMIC -> true;
            default -> false;
        };
    }

    /**
     * The input decides how long some contexts are, and what is behind its end is its own doing.
     */
    private static boolean isUnsafe(BpfException fault, ProgramType type) {
        boolean given =
                switch (type) {
                    case TRACING,
                            LSM,
                            RAW_TRACEPOINT,
                            RAW_TRACEPOINT_WRITABLE,
                            TRACEPOINT,
                            SYSCALL ->
                            true;
                    default -> false;
                };
        return fault.failure() == Failure.TRAP
                && !(given && fault.getMessage().contains(" of context ("));
    }
}
