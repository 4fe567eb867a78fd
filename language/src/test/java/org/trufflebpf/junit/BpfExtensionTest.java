package org.trufflebpf.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.trufflebpf.api.BpfGlobal;
import org.trufflebpf.api.BpfMap;
import org.trufflebpf.api.BpfObject;
import org.trufflebpf.api.BpfProgram;

import java.util.List;
import java.util.Map;

/** The extension as tests use it, and what it says to those that use it wrongly. */
@BpfObjectFile("src/test/fixtures/api/types.o")
class BpfExtensionTest {
    private static final String OBJECT = "src/test/fixtures/api/types.o";

    private BpfGlobal<Long> before;

    @BeforeEach
    void open(@BpfName("total") BpfGlobal<Long> total) {
        before = total;
        assertEquals(1, total.get());
    }

    /** Each of them finds the state of the file, whatever the others did. */
    @RepeatedTest(3)
    void eachTestHasFreshState(BpfProgram touch, BpfGlobal<Long> total) {
        assertEquals(1, total.get());
        touch.run(new byte[64]);
        assertEquals(65, total.get());
        // the parameters of one test are parts of one object
        assertEquals(65, before.get());
    }

    /** Beside parameters that come from elsewhere. */
    @ParameterizedTest
    @ValueSource(ints = {64, 100})
    void parametersOfOtherSourcesAreLeftAlone(int length, BpfProgram touch) {
        assertEquals(length < 70 ? "XDP_DROP" : "XDP_PASS", touch.run(new byte[length]).name());
    }

    @Test
    @BpfObjectFile(
            value = OBJECT,
            options = {"ebpf.Cpus=5"})
    void methodsMayHaveTheirOwnObject(Map<Integer, List<Integer>> runs) {
        assertEquals(5, runs.get(0).size());
    }

    @Nested
    class Inner {
        @Test
        void nestedTestsHaveTheObjectOfTheOuterClass(BpfObject object) {
            assertEquals("types.o", object.value().getMember("name").asString());
        }
    }

    // ---- wrong use; these classes are run by the tests below only

    @BpfObjectFile("no_such_object.o")
    static class MissingFile {
        @Test
        void test(BpfObject object) {}
    }

    @BpfObjectFile(OBJECT)
    static class MissingProgram {
        @Test
        void test(BpfProgram tuch) {}
    }

    @BpfObjectFile(OBJECT)
    static class RawMap {
        @Test
        @SuppressWarnings("rawtypes")
        void test(Map table) {}
    }

    @BpfObjectFile(OBJECT)
    static class WrongType {
        @Test
        void test(Map<String, Integer> table) {}
    }

    @BpfObjectFile(OBJECT)
    static class InConstructor {
        InConstructor(BpfMap table) {}

        @Test
        void test() {}
    }

    @BpfObjectFile(value = OBJECT, options = "Cpus")
    static class BadOption {
        @Test
        void test(BpfObject object) {}
    }

    private static void assertFails(Class<?> tests, String message) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(tests))
                                .build(),
                        listener);
        assertEquals(1, listener.getSummary().getTestsFailedCount());
        String said = listener.getSummary().getFailures().getFirst().getException().getMessage();
        assertTrue(said.contains(message), said);
    }

    @Test
    void missingFileIsSaid() {
        assertFails(MissingFile.class, "there is no no_such_object.o: neither beside");
    }

    @Test
    void missingProgramIsSaid() {
        assertFails(MissingProgram.class, "no program tuch in types.o; it has touch, stray");
    }

    @Test
    void missingTypesOfMapAreSaid() {
        assertFails(RawMap.class, "types of keys and values are missing");
    }

    @Test
    void wrongTypeIsSaid() {
        assertFails(WrongType.class, "cannot be seen as java.lang.Integer");
    }

    @Test
    void constructorsLiveTooLong() {
        assertFails(InConstructor.class, "lives as long as one test");
    }

    @Test
    void badOptionIsSaid() {
        assertFails(BadOption.class, "NAME=VALUE, not 'Cpus'");
    }
}
