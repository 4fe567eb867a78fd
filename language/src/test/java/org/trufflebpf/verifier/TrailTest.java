package org.trufflebpf.verifier;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** A way back ends where no more is looked for than was before, and nowhere else. */
class TrailTest {
    private final Backtrack sought = new Backtrack(null);
    private final Trail trail = new Trail(4);
    private final State state = new State();

    TrailTest() {
        trail.of(state);
    }

    private boolean covers(int insn, int cursor, int regs, long slots) {
        sought.reset(0);
        sought.regs[0] = regs;
        sought.slots[0] = slots;
        return trail.covers(insn, cursor, sought);
    }

    @Test
    void whatWasSoughtBeforeIsCovered() {
        assertFalse(covers(2, 0, 0b11, 0b1));
        assertTrue(covers(2, 0, 0b11, 0b1));
        assertTrue(covers(2, 0, 0b10, 0));
        assertFalse(covers(1, 0, 0b10, 0), "another instruction");
    }

    @Test
    void moreThanWasSoughtIsNot() {
        assertFalse(covers(2, 0, 0b01, 0));
        assertFalse(covers(2, 0, 0b11, 0), "another register");
        assertFalse(covers(2, 0, 0b01, 0b1), "a slot");
        assertTrue(covers(2, 0, 0b10, 0b1), "each was sought once");
    }

    @Test
    void placesOfAPathAreToldApart() {
        assertFalse(covers(2, 0, 0b1, 0));
        assertFalse(covers(2, 1, 0b1, 0), "the next turn of a loop");
    }

    @Test
    void stretchesAreToldApart() {
        assertFalse(covers(2, 0, 0b1, 0));
        trail.of(state);
        assertTrue(covers(2, 0, 0b1, 0));
        state.parent = new State();
        trail.of(state);
        assertFalse(covers(2, 0, 0b1, 0), "a state was remembered on the way");
        trail.of(new State());
        assertFalse(covers(2, 0, 0b1, 0), "another path");
    }

    @Test
    void framesBelowAreGoneBackForAlways() {
        for (int i = 0; i < 2; i++) {
            sought.reset(1);
            sought.regs[1] = 0b1;
            sought.slots[0] = 0b1;
            assertFalse(trail.covers(2, 0, sought));
        }
    }
}
