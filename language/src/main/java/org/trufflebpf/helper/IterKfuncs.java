package org.trufflebpf.helper;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/**
 * Loops over numbers ({@code bpf_for}), and what brackets a section of a program. An iterator is
 * two 32-bit numbers on the program's stack: the current one and the end.
 */
final class IterKfuncs {
    private IterKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "iter_num_new",
                (run, iterator, start, end, r4, r5) ->
                        create(run, iterator, (int) start, (int) end));
        all.put("iter_num_next", (run, iterator, r2, r3, r4, r5) -> next(run.memory(), iterator));
        all.put(
                "iter_num_destroy",
                (run, iterator, r2, r3, r4, r5) -> {
                    run.memory().putLong(iterator, 0);
                    return 0;
                });
        // memory is never given back while a program runs, and a virtual CPU runs one program at a
        // time: nothing to do
        HelperFunction bracket = (run, r1, r2, r3, r4, r5) -> 0;
        all.put("rcu_read_lock", bracket);
        all.put("rcu_read_unlock", bracket);
        all.put("preempt_disable", bracket);
        all.put("preempt_enable", bracket);
    }

    private static long create(Run run, long iterator, int start, int end) {
        Memory memory = run.memory();
        memory.putLong(iterator, 0);
        if (start > end) {
            return Errno.EINVAL.negative();
        }
        if ((long) end - start > Run.MAX_LOOPS) {
            return Errno.E2BIG.negative();
        }
        memory.putInt(iterator, start - 1);
        memory.putInt(iterator + 4, end);
        return 0;
    }

    /** The address of the next number, or 0 at the end. */
    private static long next(Memory memory, long iterator) {
        int next = memory.getInt(iterator) + 1;
        if (next >= memory.getInt(iterator + 4)) {
            memory.putLong(iterator, 0);
            return 0;
        }
        memory.putInt(iterator, next);
        return iterator;
    }
}
