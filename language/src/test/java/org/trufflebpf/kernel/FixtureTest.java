package org.trufflebpf.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.graalvm.polyglot.Engine;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.testing.Mode;

import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** Every fixture does here, in every mode, what it did in the kernel when it was recorded. */
class FixtureTest {
    private static final Path FIXTURES = Path.of("src/test/fixtures");

    /** Part of the path of the fixtures that are run, for a quick turn. */
    private static final String WANTED = System.getProperty("org.trufflebpf.fixture", "");

    /**
     * Cases that differ from the kernel on purpose or for now, with the reason; each is skipped
     * visibly.
     */
    private static final Map<String, String> KNOWN_DIFFERENCES =
            Map.ofEntries(
                    Map.entry(
                            "core/fields.json poisoned",
                            "a poisoned instruction fails when it is reached, not at load"),
                    Map.entry(
                            "core/fields.json resized_signed",
                            "a poisoned instruction fails when it is reached, not at load"),
                    Map.entry(
                            "loader/ksym.json run",
                            "symbols and functions of the kernel that are not implemented are"
                                    + " absent"),
                    Map.entry(
                            "loader/optional.json refused",
                            "there is no verifier: the NULL read fails when it is reached"));

    private static Stream<Path> wanted() {
        return FixtureCase.files(FIXTURES).stream()
                .filter(json -> json.toString().contains(WANTED));
    }

    static Stream<Arguments> cases() {
        return wanted().flatMap(
                        json -> {
                            FixtureCase.File file = FixtureCase.File.read(json);
                            return file.cases().stream()
                                    .flatMap(
                                            fixture ->
                                                    Stream.of(Mode.values())
                                                            .map(
                                                                    mode ->
                                                                            Arguments.of(
                                                                                    FIXTURES
                                                                                            .relativize(
                                                                                                    json),
                                                                                    fixture.name(),
                                                                                    mode,
                                                                                    json,
                                                                                    file,
                                                                                    fixture)));
                        });
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("cases")
    void doesWhatTheKernelDid(
            Path shown,
            String name,
            Mode mode,
            Path json,
            FixtureCase.File file,
            FixtureCase fixture) {
        Assumptions.assumeFalse(
                fixture.attach(),
                "the case traces a function of the kernel, which is not there to be traced");
        FixtureCase.Expect expected = fixture.expect();
        FixtureCase.Expect actual = new EngineRunner(json.getParent(), file, mode).run(fixture);
        String difference = KNOWN_DIFFERENCES.get(shown + " " + name);
        if (difference != null) {
            assertThrows(
                    AssertionError.class,
                    () -> compare(expected, actual),
                    "no longer differs: take it off the list");
            Assumptions.abort(difference);
        }
        compare(expected, actual);
    }

    /** What the kernel loads and runs the verifier accepts; its proofs change nothing. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void doesTheSameVerified(Path shown, Path json) {
        FixtureCase.File file = FixtureCase.File.read(json);
        for (FixtureCase fixture : file.cases()) {
            boolean known = KNOWN_DIFFERENCES.containsKey(shown + " " + fixture.name());
            if (!fixture.attach() && !known) {
                FixtureCase.Expect actual =
                        new EngineRunner(json.getParent(), file, Mode.INTERPRETED)
                                .verified()
                                .run(fixture);
                compare(fixture.expect(), actual);
            }
        }
    }

    static Stream<Arguments> files() {
        return wanted().map(json -> Arguments.of(FIXTURES.relativize(json), json));
    }

    /**
     * Every case does the same with code that contexts share: what one has left in it does not show
     * in the next.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void doesTheSameInContextsThatShareCode(Path shown, Path json) {
        FixtureCase.File file = FixtureCase.File.read(json);
        try (Engine engine = Mode.INTERPRETED.engine().build()) {
            EngineRunner runner =
                    new EngineRunner(json.getParent(), file, Mode.INTERPRETED, engine);
            for (int i = 0; i < 2; i++) {
                for (FixtureCase fixture : file.cases()) {
                    if (!fixture.attach()) {
                        FixtureCase.Expect alone =
                                new EngineRunner(json.getParent(), file, Mode.INTERPRETED)
                                        .run(fixture);
                        assertEquals(
                                masked(fixture.expect(), alone),
                                masked(fixture.expect(), runner.run(fixture)),
                                fixture::name);
                    }
                }
            }
        }
    }

    private static void compare(FixtureCase.Expect expected, FixtureCase.Expect actual) {
        if (expected.loadError() != null) {
            assertNotNull(
                    actual.loadError(),
                    () -> "loaded, the kernel refuses with " + expected.loadError());
        } else if (expected.error() != null) {
            assertNotNull(actual.error(), () -> "ran, the kernel refuses with " + expected.error());
        } else {
            assertEquals(expected, masked(expected, actual));
        }
    }

    /** What the recording does not hold is not compared. */
    private static FixtureCase.Expect masked(
            FixtureCase.Expect expected, FixtureCase.Expect actual) {
        return new FixtureCase.Expect(
                actual.loadError(),
                actual.error(),
                expected.retval() == null ? null : actual.retval(),
                expected.dataOut() == null ? null : actual.dataOut(),
                expected.ctxOut() == null ? null : actual.ctxOut(),
                actual.globals(),
                actual.maps(),
                actual.events(),
                actual.trace(),
                actual.streams());
    }
}
