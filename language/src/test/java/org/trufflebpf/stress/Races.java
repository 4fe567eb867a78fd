package org.trufflebpf.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.trufflebpf.api.BpfObject;
import org.trufflebpf.api.BpfProgram;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/** The races; what is not an outcome given here is a failure. */
public final class Races {
    private Races() {}

    /** {@code __sync_fetch_and_add}: none is lost, and each sees another old value. */
    @JCStressTest
    @Outcome(
            id = {"0, 1, 2", "1, 0, 2"},
            expect = ACCEPTABLE,
            desc = "one after the other")
    @State
    public static class AtomicAdd {
        private static final BpfProgram ADD = Stressed.program("add");
        private static final Map<Integer, Long> COUNTERS =
                Stressed.OBJECT.map("counters").view(Integer.class, Long.class);

        private final int key = Stressed.key();

        public AtomicAdd() {
            COUNTERS.put(key, 0L);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = Stressed.run(ADD, key, 0);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = Stressed.run(ADD, key, 0);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = COUNTERS.get(key).intValue();
        }
    }

    /**
     * {@code __sync_val_compare_and_swap} from 0: one of two wins, and the other sees its value.
     */
    @JCStressTest
    @Outcome(
            id = {"0, 1, 1", "2, 0, 2"},
            expect = ACCEPTABLE,
            desc = "one wins")
    @State
    public static class CompareAndSwap {
        private static final BpfProgram EXCHANGE = Stressed.program("exchange");
        private static final Map<Integer, Long> COUNTERS =
                Stressed.OBJECT.map("counters").view(Integer.class, Long.class);

        private final int key = Stressed.key();

        public CompareAndSwap() {
            COUNTERS.put(key, 0L);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = Stressed.run(EXCHANGE, key, 1);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = Stressed.run(EXCHANGE, key, 2);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = COUNTERS.get(key).intValue();
        }
    }

    /** Both halves of a value of a hash, which only change together. */
    public record Pair(long first, long second) {
        int whole() {
            return first == second ? (int) first : 100;
        }
    }

    /**
     * A program puts a value while another looks it up: it finds the old or the new, never a mix.
     */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "0, 2"},
            expect = ACCEPTABLE,
            desc = "old or new")
    @State
    public static class UpdateAndLookup {
        private static final BpfProgram PUT = Stressed.program("put");
        private static final BpfProgram GET = Stressed.program("get");
        private static final Map<Integer, Pair> PAIRS =
                Stressed.OBJECT.map("pairs").view(Integer.class, Pair.class);

        private final int key = Stressed.key();

        public UpdateAndLookup() {
            PAIRS.put(key, new Pair(1, 1));
        }

        @Actor
        public void writer(II_Result r) {
            r.r1 = Stressed.run(PUT, key, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r2 = Stressed.run(GET, key, 0);
        }
    }

    /** The same with the host as the reader. */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "0, 2"},
            expect = ACCEPTABLE,
            desc = "old or new")
    @State
    public static class UpdateAndHostLookup {
        private static final BpfProgram PUT = Stressed.program("put");
        private static final Map<Integer, Pair> PAIRS =
                Stressed.OBJECT.map("pairs").view(Integer.class, Pair.class);

        private final int key = Stressed.key();

        public UpdateAndHostLookup() {
            PAIRS.put(key, new Pair(1, 1));
        }

        @Actor
        public void writer(II_Result r) {
            r.r1 = Stressed.run(PUT, key, 2);
        }

        @Actor
        public void reader(II_Result r) {
            r.r2 = PAIRS.get(key).whole();
        }
    }

    /** {@code BPF_NOEXIST}: one inserts, the other gets EEXIST (17), whoever is the host. */
    @JCStressTest
    @Outcome(
            id = {"0, 1, 1", "17, 0, 2"},
            expect = ACCEPTABLE,
            desc = "one inserts")
    @State
    public static class Insert {
        private static final BpfProgram INSERT = Stressed.program("insert");
        private static final Map<Integer, Pair> PAIRS =
                Stressed.OBJECT.map("pairs").view(Integer.class, Pair.class);

        private final int key = Stressed.key();

        public Insert() {
            PAIRS.remove(key);
        }

        @Actor
        public void program(III_Result r) {
            r.r1 = Stressed.run(INSERT, key, 1);
        }

        /** 0 if it inserted, else what is there. */
        @Actor
        public void host(III_Result r) {
            Pair there = PAIRS.putIfAbsent(key, new Pair(2, 2));
            r.r2 = there == null ? 0 : there.whole();
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = PAIRS.get(key).whole();
        }
    }

    /** The value under a lock; the lock itself is no member for the host. */
    public record Locked(int first, int second) {}

    /** {@code bpf_spin_lock}: what is done under it is one step. */
    @JCStressTest
    @Outcome(
            id = {"0, 1, 2", "1, 0, 2"},
            expect = ACCEPTABLE,
            desc = "one after the other")
    @State
    public static class SpinLock {
        private static final BpfProgram BOTH = Stressed.program("both");
        private static final Map<Integer, Locked> LOCKS =
                Stressed.OBJECT.map("locks").view(Integer.class, Locked.class);

        private final int key = Stressed.key();

        public SpinLock() {
            LOCKS.put(key, new Locked(0, 0));
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = Stressed.run(BOTH, key, 0);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = Stressed.run(BOTH, key, 0);
        }

        @Arbiter
        public void after(III_Result r) {
            Locked value = LOCKS.get(key);
            r.r3 = value.first() == value.second() ? value.first() : 100;
        }
    }

    /**
     * Two send through one ring buffer: both records arrive, whole and once, at whoever empties it.
     * The buffer may be full (EAGAIN, 11) while a thread is held up with a record in its hands.
     */
    @JCStressTest
    @Outcome(id = "0, 0, 3", expect = ACCEPTABLE, desc = "both arrived")
    @Outcome(
            id = {"-11, 0, 2", "0, -11, 1", "-11, -11, 0"},
            expect = ACCEPTABLE,
            desc = "the buffer was full")
    @State
    public static class RingBuffer {
        private static final BpfProgram SEND = Stressed.program("send");
        private static final BpfProgram COUNT = Stressed.program("count");

        /** What arrived, by keys: records are a key with 1 or 2 behind it. */
        private static final AtomicIntegerArray ARRIVED = new AtomicIntegerArray(Stressed.KEYS);

        static {
            Stressed.OBJECT
                    .map("events")
                    .onEvent(
                            event -> {
                                int record =
                                        ByteBuffer.wrap(event.data())
                                                .order(ByteOrder.LITTLE_ENDIAN)
                                                .getInt();
                                ARRIVED.addAndGet(record >> 2, record & 3);
                            });
        }

        private final int key = Stressed.key();

        public RingBuffer() {
            ARRIVED.set(key, 0);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = Stressed.run(SEND, 0, (key << 2) | 1);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = Stressed.run(SEND, 0, (key << 2) | 2);
        }

        @Arbiter
        public void after(III_Result r) {
            // who emptied the buffer last may have found a record that was not finished
            Stressed.run(COUNT, 0, 0);
            r.r3 = ARRIVED.get(key);
        }
    }

    /**
     * The host puts another inner map, a program reads through the outer: one of the two, always.
     */
    @JCStressTest
    @Outcome(
            id = {"0, 1", "0, 2"},
            expect = ACCEPTABLE,
            desc = "a map")
    @State
    public static class MapInMap {
        private static final BpfProgram THROUGH = Stressed.program("through");
        private static final AtomicInteger TURN = new AtomicInteger();
        private static final Map<Integer, byte[]> OUTER =
                Stressed.OBJECT.map("outer").view(Integer.class, byte[].class);
        private static final byte[][] INNER = {OUTER.get(0), OUTER.get(1)};

        static {
            Stressed.OBJECT.map("one").view(Integer.class, Long.class).put(0, 1L);
            Stressed.OBJECT.map("two").view(Integer.class, Long.class).put(0, 2L);
        }

        @Actor
        public void replace(II_Result r) {
            OUTER.put(0, INNER[TURN.getAndIncrement() & 1]);
            r.r1 = 0;
        }

        @Actor
        public void reader(II_Result r) {
            r.r2 = Stressed.run(THROUGH, 0, 0);
        }
    }

    /** Two contexts on one engine share code and no state. */
    @JCStressTest
    @Outcome(id = "0, 0, 11", expect = ACCEPTABLE, desc = "each has its own")
    @State
    public static class TwoContexts {
        private static final BpfObject OTHER = Stressed.open();
        private static final BpfProgram ADD = Stressed.program("add");
        private static final BpfProgram OTHER_ADD = OTHER.program("add");
        private static final Map<Integer, Long> COUNTERS =
                Stressed.OBJECT.map("counters").view(Integer.class, Long.class);
        private static final Map<Integer, Long> OTHER_COUNTERS =
                OTHER.map("counters").view(Integer.class, Long.class);

        private final int key = Stressed.key();

        public TwoContexts() {
            COUNTERS.put(key, 0L);
            OTHER_COUNTERS.put(key, 0L);
        }

        @Actor
        public void first(III_Result r) {
            r.r1 = Stressed.run(ADD, key, 0);
        }

        @Actor
        public void second(III_Result r) {
            r.r2 = Stressed.run(OTHER_ADD, key, 0);
        }

        @Arbiter
        public void after(III_Result r) {
            r.r3 = (int) (10 * COUNTERS.get(key) + OTHER_COUNTERS.get(key));
        }
    }
}
