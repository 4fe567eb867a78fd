package org.trufflebpf.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.file.Path;
import java.util.stream.Stream;

/** Runs every kernel-recorded fixture case in the running kernel again: a stale recording fails. */
class KernelParityTest {
    private static final Path FIXTURES = Path.of("src/test/fixtures");

    static Stream<Arguments> cases() {
        return FixtureCase.files(FIXTURES).stream()
                .flatMap(
                        json -> {
                            FixtureCase.File file = FixtureCase.File.read(json);
                            return file.cases().stream()
                                    .filter(FixtureCase::kernel)
                                    .map(
                                            fixture ->
                                                    Arguments.of(
                                                            FIXTURES.relativize(json),
                                                            fixture.name(),
                                                            new KernelRunner(
                                                                    json.getParent(), file),
                                                            fixture));
                        });
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void kernelStillDoesWhatWasRecorded(
            Path json, String name, KernelRunner runner, FixtureCase fixture) {
        String refusal = KernelObject.refusal(runner.file().needsLibbpf());
        Assumptions.assumeTrue(refusal == null, () -> "no kernel oracle: " + refusal);
        Assumptions.assumeTrue(
                !fixture.trace() || KernelTrace.isMounted(), "tracefs is not mounted");
        Assumptions.assumeTrue(
                fixture.trigger() == null || KernelTrigger.isPossible(),
                "no cgroup of version 2 is mounted, or there is no perl");
        assertEquals(fixture.expect(), runner.run(fixture));
    }
}
