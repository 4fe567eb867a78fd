package org.trufflebpf.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A refused program is shown the input on which it faults, and that input does it. */
class CounterexampleTest {
    private static final String FAULTS = "../language/src/test/fixtures/faults/";
    private static final String TAILS = FAULTS + "tails.o";

    private static Map<?, ?> program(String object, String program) throws IOException {
        String out = TestIo.run(2, "--counterexample", "--json", object, program).out();
        return (Map<?, ?>) ((List<?>) JsonText.object(out).get("programs")).getFirst();
    }

    /**
     * Lengths behind a check, magic numbers before it, contents of maps, arguments, missing
     * entries, and what always faults.
     */
    @ParameterizedTest
    @CsvSource({
        "tails.o, drop, --data-in",
        "tails.o, hidden, --map",
        "tails.o, argument, --ctx",
        "wild.o, null_read, --no-verify",
        "wild.o, context_behind, --no-verify",
        "wild.o, packet_before, --no-verify",
        "wild.o, value_before, --no-verify",
        "wild.o, far_away, --no-verify",
    })
    void whatIsFoundFaultsThere(String object, String program, String option) throws IOException {
        Map<?, ?> refused = program(FAULTS + object, program);
        Map<?, ?> found = (Map<?, ?>) refused.get("counterexample");
        assertEquals(true, found.get("found"), refused::toString);
        List<String> command = new ArrayList<>(List.of(FAULTS + object, program, "--json"));
        ((List<?>) found.get("options")).forEach(one -> command.add((String) one));
        assertTrue(command.contains(option), command.toString());
        TestIo run = TestIo.run(3, command.toArray(String[]::new));
        Map<?, ?> error = (Map<?, ?>) JsonText.object(run.out()).get("error");
        assertEquals("run", error.get("phase"));
        assertEquals(refused.get("insn"), error.get("insn"));
        assertEquals(found.get("insn"), error.get("insn"));
        assertEquals(found.get("message"), error.get("message"));
    }

    @Test
    void whatIsFoundIsPrintedAsOptions() {
        String out = TestIo.run(2, "--counterexample", TAILS, "drop").out();
        assertTrue(out.contains("\n  shown by: --no-verify --data-in hex:00"), out);
        assertTrue(out.contains("\n            faults: " + TAILS + ": section xdp"), out);
        assertTrue(out.contains("of packet (14 bytes): out of bounds\n"), out);
    }

    /** Every packet has 14 bytes; the refused access is to the fourth. */
    @Test
    void noneFound() throws IOException {
        Map<?, ?> found = (Map<?, ?>) program(TAILS, "refused").get("counterexample");
        assertEquals(Set.of("tries", "found"), found.keySet());
        assertEquals(false, found.get("found"));
        assertTrue((Long) found.get("tries") > 1000, found.toString());
        String out = TestIo.run(2, "--counterexample", TAILS, "refused").out();
        assertTrue(out.matches("(?s).*\n  shown by: none found in [0-9,]+ tries\n"), out);
    }

    @Test
    void whatNoRunShowsIsNotSearched() throws IOException {
        Map<?, ?> found = (Map<?, ?>) program(TAILS, "unset").get("counterexample");
        assertEquals(Map.of("tries", 0L, "found", false), found);
        String out = TestIo.run(2, "--counterexample", TAILS, "unset").out();
        assertTrue(out.contains("shown by: none: no run can show"), out);
    }

    @Test
    void acceptedProgramsNeedNone() throws IOException {
        String out = TestIo.run(0, "--counterexample", "--json", TAILS, "fine").out();
        assertFalse(out.contains("counterexample"), out);
    }

    /** The same seed finds the same input. */
    @Test
    void searchesCanBeRepeated() {
        String[] command = {"--counterexample", TAILS, "hidden", "--seed", "5"};
        String first = shown(TestIo.run(2, command).out());
        assertEquals(first, shown(TestIo.run(2, command).out()));
    }

    private static String shown(String out) {
        return out.substring(out.indexOf("shown by:"));
    }
}
