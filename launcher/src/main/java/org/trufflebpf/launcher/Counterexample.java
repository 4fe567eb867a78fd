package org.trufflebpf.launcher;

import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.Source;
import org.trufflebpf.launcher.engine.BpfProgram;
import org.trufflebpf.launcher.engine.EbpfRunException;
import org.trufflebpf.launcher.engine.Found;
import org.trufflebpf.launcher.engine.RunSpec;
import org.trufflebpf.launcher.engine.Session;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * An input on which a refused program, unverified, faults where it is refused; found by the
 * language, and run again here as the user would, so that what is printed does what it says.
 *
 * @param tries inputs that were run; 0 where no run can show what the program is refused for
 * @param seed the seed of random numbers under which it faults, where that is not the usual one
 * @param fault the failure of the run, or {@code null} where no such input was found
 */
record Counterexample(Found input, long tries, Long seed, EbpfRunException fault) {
    /** Inputs that are run for one program. */
    private static final int TRIES = 20_000;

    /** Seeds with which a run is repeated; programs that draw random numbers need another one. */
    private static final int SEEDS = 50;

    private static final String SEED = "ebpf.Seed";

    /** Searches, for a program that is refused. */
    static Counterexample search(
            Engine engine, Source source, BpfProgram program, RunRequest request)
            throws EbpfRunException {
        String given = request.language().get(SEED);
        Found found = program.counterexample(TRIES, given == null ? 1 : Long.parseLong(given));
        if (!found.found()) {
            return new Counterexample(found, found.tries(), null, null);
        }
        for (long seed = 0; seed <= (given == null ? SEEDS : 0); seed++) {
            EbpfRunException fault = repeat(engine, source, program, request, found, seed);
            if (fault != null && fault.insn() == found.insn()) {
                return new Counterexample(found, found.tries(), seed == 0 ? null : seed, fault);
            }
        }
        return new Counterexample(found, found.tries(), null, null);
    }

    /** Runs the program on the input; the seed 0 stands for the usual one. */
    private static EbpfRunException repeat(
            Engine engine,
            Source source,
            BpfProgram program,
            RunRequest request,
            Found found,
            long seed)
            throws EbpfRunException {
        Map<String, String> language = new HashMap<>(request.language());
        language.put("ebpf.Verify", "false");
        language.remove("ebpf.VerifierLog");
        if (seed != 0) {
            language.put(SEED, Long.toString(seed));
        }
        RunSpec spec = new RunSpec(found.data(), found.ctx(), found.args(), 1, 0, List.of());
        RunRequest run =
                new RunRequest(
                        request.object(),
                        program.info().name(),
                        language,
                        request.globals(),
                        found.entries(),
                        spec,
                        false,
                        false);
        OutputStream nowhere = OutputStream.nullOutputStream();
        try (Session session = new Session(engine, language, nowhere, nowhere)) {
            Outcome.of(session, source, run);
            return null;
        } catch (EbpfRunException e) {
            return e.phase() == EbpfRunException.Phase.RUN ? e : null;
        }
    }

    /** The options that give a run this input. */
    List<String> options() {
        List<String> options = new ArrayList<>(List.of("--no-verify"));
        if (input.data() != null) {
            options.addAll(List.of("--data-in", "hex:" + Text.hex(input.data())));
        }
        if (input.ctx() != null) {
            options.addAll(List.of("--ctx-in", "hex:" + Text.hex(input.ctx())));
        }
        if (input.args() != null) {
            options.addAll(List.of("--ctx", args()));
        }
        for (int i = 0; i < input.entries().size(); i += 3) {
            options.addAll(
                    List.of(
                            "--map",
                            input.entries().get(i),
                            input.entries().get(i + 1) + "=" + input.entries().get(i + 2)));
        }
        if (seed != null) {
            options.addAll(List.of("--seed", Long.toString(seed)));
        }
        return options;
    }

    private String args() {
        return input.args().stream()
                .map(String::valueOf)
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** One line or two for a person. */
    String describe() {
        if (fault != null) {
            return String.join(" ", options()) + "\n            faults: " + fault.description();
        }
        return tries == 0
                ? "none: no run can show what the program is refused for"
                : "none found in " + Text.grouped(tries) + " tries";
    }
}
