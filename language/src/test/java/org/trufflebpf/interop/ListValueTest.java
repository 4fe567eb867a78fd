package org.trufflebpf.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/** The identity of lists. */
class ListValueTest {
    @Test
    void listsWithNullElementsAreComparedToo() {
        ListValue list = new ListValue(new Object[] {1L, null});
        assertEquals(list, new ListValue(new Object[] {1L, null}));
        assertEquals(list.hashCode(), new ListValue(new Object[] {1L, null}).hashCode());
        assertNotEquals(list, new ListValue(new Object[] {1L, 2L}));
    }
}
