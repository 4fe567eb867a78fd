package org.trufflebpf.helper;

import org.trufflebpf.map.ValueFields;
import org.trufflebpf.map.ValueFields.Field;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.ObjectStore;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongBinaryOperator;

/**
 * Sets of CPUs ({@code struct bpf_cpumask}): 256 bits, of which as many count as there are virtual
 * CPUs, and a count of references.
 */
final class CpumaskKfuncs {
    private static final int WORDS = 4;

    private static final ObjectStore.Type TYPE =
            new ObjectStore.Type(
                    "bpf_cpumask",
                    8 * WORDS + 8,
                    new ValueFields(List.of(new Field(ValueFields.Kind.BPF_REFCOUNT, 8 * WORDS))),
                    0);

    /** Looks at the words of two sets. */
    @FunctionalInterface
    private interface Test {
        boolean holds(long first, long second);
    }

    private CpumaskKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("cpumask_create", (run, r1, r2, r3, r4, r5) -> run.machine().store().create(TYPE));
        all.put(
                "cpumask_acquire",
                (run, mask, r2, r3, r4, r5) -> run.machine().store().acquire(mask));
        all.put(
                "cpumask_release",
                (run, mask, r2, r3, r4, r5) -> {
                    run.machine().store().drop(mask);
                    return 0;
                });
        addBitsTo(all);
        addSetsTo(all);
        addSearchesTo(all);
    }

    private static int cpus(Run run) {
        return Math.min(run.machine().environment().cpus(), 64 * WORDS);
    }

    private static long word(Run run, long mask, int index) {
        run.memory().check(mask, 8 * WORDS, false);
        int bits = Math.clamp(cpus(run) - 64 * index, 0, 64);
        long used = bits == 64 ? -1 : (1L << bits) - 1;
        return run.memory().getLongVolatile(mask + 8L * index) & used;
    }

    private static boolean exists(Run run, int cpu) {
        return Integer.compareUnsigned(cpu, cpus(run)) < 0;
    }

    private static boolean test(Run run, long mask, int cpu) {
        return exists(run, cpu) && ((word(run, mask, cpu / 64) >>> (cpu % 64)) & 1) != 0;
    }

    /** Sets or clears a bit; what it was before. */
    private static long change(Run run, long mask, int cpu, boolean set) {
        if (!exists(run, cpu)) {
            return 0;
        }
        Memory memory = run.memory();
        memory.check(mask, 8 * WORDS, true);
        long at = mask + 8L * (cpu / 64);
        long bit = 1L << (cpu % 64);
        while (true) {
            long old = memory.getLongVolatile(at);
            if (memory.compareAndSetLong(at, old, set ? old | bit : old & ~bit)) {
                return (old & bit) != 0 ? 1 : 0;
            }
        }
    }

    private static void addBitsTo(Map<String, HelperFunction> all) {
        all.put(
                "cpumask_set_cpu",
                (run, cpu, mask, r3, r4, r5) -> {
                    change(run, mask, (int) cpu, true);
                    return 0;
                });
        all.put(
                "cpumask_clear_cpu",
                (run, cpu, mask, r3, r4, r5) -> {
                    change(run, mask, (int) cpu, false);
                    return 0;
                });
        all.put(
                "cpumask_test_cpu",
                (run, cpu, mask, r3, r4, r5) -> test(run, mask, (int) cpu) ? 1 : 0);
        all.put(
                "cpumask_test_and_set_cpu",
                (run, cpu, mask, r3, r4, r5) -> change(run, mask, (int) cpu, true));
        all.put(
                "cpumask_test_and_clear_cpu",
                (run, cpu, mask, r3, r4, r5) -> change(run, mask, (int) cpu, false));
    }

    private static long store(Run run, long to, long a, long b, LongBinaryOperator operator) {
        run.memory().check(to, 8 * WORDS, true);
        long any = 0;
        for (int i = 0; i < WORDS; i++) {
            long value =
                    operator.applyAsLong(
                            a == 0 ? 0 : word(run, a, i), b == 0 ? 0 : word(run, b, i));
            run.memory().putLong(to + 8L * i, value);
            any |= word(run, to, i);
        }
        return any != 0 ? 1 : 0;
    }

    private static boolean all(Run run, long a, long b, Test test) {
        for (int i = 0; i < WORDS; i++) {
            if (!test.holds(word(run, a, i), word(run, b, i))) {
                return false;
            }
        }
        return true;
    }

    private static int weight(Run run, long mask) {
        int weight = 0;
        for (int i = 0; i < WORDS; i++) {
            weight += Long.bitCount(word(run, mask, i));
        }
        return weight;
    }

    private static void addSetsTo(Map<String, HelperFunction> all) {
        all.put(
                "cpumask_setall",
                (run, mask, r2, r3, r4, r5) -> {
                    for (int cpu = 0; cpu < cpus(run); cpu++) {
                        change(run, mask, cpu, true);
                    }
                    return 0;
                });
        all.put(
                "cpumask_clear",
                (run, mask, r2, r3, r4, r5) -> store(run, mask, 0, 0, (a, b) -> 0));
        all.put(
                "cpumask_copy",
                (run, to, from, r3, r4, r5) -> {
                    store(run, to, from, 0, (a, b) -> a);
                    return 0;
                });
        all.put("cpumask_and", (run, to, a, b, r4, r5) -> store(run, to, a, b, (x, y) -> x & y));
        all.put(
                "cpumask_or",
                (run, to, a, b, r4, r5) -> {
                    store(run, to, a, b, (x, y) -> x | y);
                    return 0;
                });
        all.put(
                "cpumask_xor",
                (run, to, a, b, r4, r5) -> {
                    store(run, to, a, b, (x, y) -> x ^ y);
                    return 0;
                });
        all.put(
                "cpumask_equal",
                (run, a, b, r3, r4, r5) -> all(run, a, b, (x, y) -> x == y) ? 1 : 0);
        all.put(
                "cpumask_intersects",
                (run, a, b, r3, r4, r5) -> all(run, a, b, (x, y) -> (x & y) == 0) ? 0 : 1);
        all.put(
                "cpumask_subset",
                (run, a, b, r3, r4, r5) -> all(run, a, b, (x, y) -> (x & ~y) == 0) ? 1 : 0);
        all.put("cpumask_empty", (run, mask, r2, r3, r4, r5) -> weight(run, mask) == 0 ? 1 : 0);
        all.put(
                "cpumask_full",
                (run, mask, r2, r3, r4, r5) -> weight(run, mask) == cpus(run) ? 1 : 0);
        all.put("cpumask_weight", (run, mask, r2, r3, r4, r5) -> weight(run, mask));
        all.put(
                "cpumask_populate",
                (run, mask, from, size, r4, r5) -> populate(run, mask, from, size));
    }

    private static long populate(Run run, long mask, long from, long size) {
        int needed = (cpus(run) + 63) / 64 * 8;
        if (size < needed) {
            return Errno.EACCES.negative();
        }
        run.memory().check(from, needed, false);
        run.memory().check(mask, 8 * WORDS, true);
        for (int at = 0; at < needed; at += 8) {
            run.memory().putLong(mask + at, run.memory().getLong(from + at));
        }
        return 0;
    }

    /** The first CPU from {@code start} on, around the end, that is in both sets. */
    private static int next(Run run, long a, long b, int start) {
        int cpus = cpus(run);
        for (int i = 0; i < cpus; i++) {
            int cpu = (start + i) % cpus;
            if (test(run, a, cpu) && test(run, b, cpu)) {
                return cpu;
            }
        }
        return cpus;
    }

    private static int distribute(Run run, AtomicInteger last, long a, long b) {
        int cpu = next(run, a, b, last.get() + 1);
        if (cpu < cpus(run)) {
            last.set(cpu);
        }
        return cpu;
    }

    private static void addSearchesTo(Map<String, HelperFunction> all) {
        all.put("cpumask_first", (run, mask, r2, r3, r4, r5) -> next(run, mask, mask, 0));
        all.put("cpumask_first_and", (run, a, b, r3, r4, r5) -> next(run, a, b, 0));
        all.put("cpumask_first_zero", (run, mask, r2, r3, r4, r5) -> firstZero(run, mask));
        all.put(
                "cpumask_any_distribute",
                (run, mask, r2, r3, r4, r5) ->
                        distribute(run, run.machine().distribution(), mask, mask));
        all.put(
                "cpumask_any_and_distribute",
                (run, a, b, r3, r4, r5) -> distribute(run, run.machine().distribution(), a, b));
    }

    private static long firstZero(Run run, long mask) {
        int cpu = 0;
        while (cpu < cpus(run) && test(run, mask, cpu)) {
            cpu++;
        }
        return cpu;
    }
}
