package org.trufflebpf.kernel;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the expectations of all fixture cases that have {@code "kernel": true} anew from the
 * running kernel, and libbpf's view of each object.
 *
 * <p>Arguments: the fixture directory, then optionally parts of the JSON files' paths to restrict
 * it.
 */
public final class FixtureRecorder {
    private FixtureRecorder() {}

    /** The end of a message: a verifier's log says in its last lines why it refused. */
    private static String brief(RuntimeException e) {
        String[] lines = e.getMessage().split("\n");
        int from = Math.max(1, lines.length - 25);
        return lines[0]
                + "\n"
                + String.join(
                        "\n", List.of(lines).subList(Math.min(from, lines.length), lines.length));
    }

    public static void main(String[] arguments) {
        String refusal = KernelObject.refusal();
        if (refusal != null) {
            throw new IllegalStateException("cannot record: " + refusal);
        }
        List<String> filters = List.of(arguments).subList(1, arguments.length);
        int failures = 0;
        int recorded = 0;
        for (Path json : FixtureCase.files(Path.of(arguments[0]))) {
            if (!filters.isEmpty() && filters.stream().noneMatch(json.toString()::contains)) {
                continue;
            }
            FixtureCase.File file = FixtureCase.File.read(json);
            KernelRunner runner = new KernelRunner(json.getParent(), file);
            List<FixtureCase> cases = new ArrayList<>();
            FixtureCase.Libbpf libbpf = file.libbpf();
            try {
                libbpf = runner.describe();
            } catch (KernelBpfException e) {
                boolean expected = file.cases().stream().noneMatch(FixtureCase::kernel);
                failures += expected ? 0 : 1;
                System.err.println(json + (expected ? ": as noted: " : ": ") + brief(e));
            }
            for (FixtureCase fixture : file.cases()) {
                try {
                    cases.add(fixture.kernel() ? fixture.with(runner.run(fixture)) : fixture);
                    recorded += fixture.kernel() ? 1 : 0;
                } catch (KernelBpfException | IllegalArgumentException e) {
                    failures++;
                    cases.add(fixture);
                    System.err.println(json + ": " + fixture.name() + ": " + brief(e));
                }
            }
            file.with(libbpf, cases).write(json);
        }
        System.out.println(recorded + " cases recorded, " + failures + " failed");
        System.exit(failures == 0 ? 0 : 1);
    }
}
