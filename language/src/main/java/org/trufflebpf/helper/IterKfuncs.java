package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.ProgramException;
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
        all.put(
                "iter_bits_new",
                (run, iterator, words, count, r4, r5) ->
                        newBits(run, iterator, words, count & 0xffff_ffffL));
        all.put("iter_bits_next", (run, iterator, r2, r3, r4, r5) -> nextBit(run, iterator));
        all.put(
                "iter_bits_destroy",
                (run, iterator, r2, r3, r4, r5) -> {
                    long copy = run.memory().getLong(iterator);
                    if (copy != 0) {
                        Scratch.give(run, copy);
                    }
                    run.memory().putLong(iterator, 0);
                    run.memory().putLong(iterator + 8, 0);
                    return 0;
                });
        all.put(
                "map_sum_elem_count",
                (run, map, r2, r3, r4, r5) -> {
                    BpfMap counted = run.machine().mapAt(map);
                    if (counted == null) {
                        throw BpfException.trap("bpf_map_sum_elem_count: argument 1 is no map");
                    }
                    return counted.count();
                });
        all.put(
                "throw",
                (run, cookie, r2, r3, r4, r5) -> {
                    throw new ProgramException(cookie);
                });
        // memory is never given back while a program runs, and a virtual CPU runs one program at a
        // time: nothing to do
        HelperFunction bracket = (run, r1, r2, r3, r4, r5) -> 0;
        all.put("rcu_read_lock", bracket);
        all.put("rcu_read_unlock", bracket);
        all.put("preempt_disable", bracket);
        all.put("preempt_enable", bracket);
        all.put("local_irq_save", bracket);
        all.put("local_irq_restore", bracket);
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

    /** Words of bits that an iterator may walk. */
    private static final int MAX_WORDS = 511;

    /** Bits of a copy, as the kernel's: copy u64, number of bits u32, current bit u32. */
    private static long newBits(Run run, long iterator, long words, long count) {
        Memory memory = run.memory();
        memory.putLong(iterator, 0);
        memory.putLong(iterator + 8, 0);
        if (count == 0) {
            return Errno.EINVAL.negative();
        }
        if (count > MAX_WORDS) {
            return Errno.E2BIG.negative();
        }
        if (!memory.isAccessible(words, 8 * count, false)) {
            return Errno.EFAULT.negative();
        }
        long copy = Scratch.take(run, (int) (8 * count));
        memory.copy(words, copy, 8 * count);
        memory.putLong(iterator, copy);
        memory.putInt(iterator + 8, (int) (64 * count));
        memory.putInt(iterator + 12, -1);
        return 0;
    }

    private static long nextBit(Run run, long iterator) {
        Memory memory = run.memory();
        long copy = memory.getLong(iterator);
        int count = memory.getInt(iterator + 8);
        int bit = memory.getInt(iterator + 12) + 1;
        while (bit < count) {
            long rest = memory.getLong(copy + 8L * (bit / 64)) >>> (bit % 64);
            if (rest != 0) {
                memory.putInt(iterator + 12, bit + Long.numberOfTrailingZeros(rest));
                return iterator + 12;
            }
            bit = (bit / 64 + 1) * 64;
        }
        memory.putInt(iterator + 12, count);
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
