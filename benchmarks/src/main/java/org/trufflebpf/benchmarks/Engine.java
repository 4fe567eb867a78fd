package org.trufflebpf.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** One column of the table: something that runs the programs. */
interface Engine extends AutoCloseable {
    ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** The column's name. */
    String name();

    /** Why the column is empty here, or {@code null}. */
    String refusal();

    /** Whether the engine can run a program at all. */
    default boolean supports(String program) {
        return true;
    }

    /** Runs after which a program is at its peak at the earliest. */
    default int warmupRuns() {
        return 0;
    }

    /** Loads an object with its maps filled; a program is then chosen by name. */
    Loaded load(String name, byte[] object, MapContents contents) throws IOException;

    @Override
    default void close() {}

    /** An object that is ready to run. */
    interface Loaded extends AutoCloseable {
        /** A program of the object on an input, on a virtual CPU where the engine has such. */
        Runner runner(String program, byte[] data, int cpu);

        @Override
        void close();
    }

    /** A program on its input. */
    interface Runner {
        /** Runs once on a fresh copy of the input. */
        Outcome once();

        /** Runs over one copy of the input, {@code times} times. */
        void repeat(int times);

        /** Takes away what the program has sent to user space. */
        default void drain() {}

        /** CPU nanoseconds of this thread for one of {@code times} runs. */
        default double measure(int times) {
            long start = THREADS.getCurrentThreadCpuTime();
            repeat(times);
            double nanos = THREADS.getCurrentThreadCpuTime() - start;
            drain();
            return nanos / times;
        }
    }

    /** What one run gave. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bytes, never compared
    record Outcome(long retval, byte[] data) {}
}
