package org.trufflebpf.context;

import org.trufflebpf.runtime.Run;

/**
 * The context of one program type: laying out its input, collecting its output. Stateless; state is
 * in the run.
 */
public interface ProgramContext {
    /**
     * Lays out context and packet in the run's memory and sets the bounds of {@link Run#context()}
     * and {@link Run#packet()}.
     *
     * @return r1
     * @throws org.trufflebpf.failure.BpfException USAGE for input that the kernel's test run
     *     refuses
     */
    long enter(Run run, RunInput input);

    /** r2 at entry: 0, but the length of the memory for types without a context structure. */
    default long second(Run run) {
        return 0;
    }

    /** Sets up what the kernel's test run sets up before each repetition but the first. */
    default void repeat(Run run, RunInput input) {}

    /** Whether {@link #repeat} does anything. */
    default boolean preparesRepetitions() {
        return false;
    }

    /** What input the type takes and what it gives back: a sentence for people. */
    String input();

    /**
     * The bits that the kernel keeps of what a program stores into a 32-bit field of the context,
     * as a mask: its own structure has narrower fields than the one that programs see.
     */
    default long keptBits(int offset) {
        return -1;
    }

    /**
     * Whether the program is to be called again on this layout before the run is over, as an
     * iterator is for each element; then the layout is that of the next element.
     *
     * @param r0 what the program returned
     */
    default boolean proceed(Run run, long r0) {
        return false;
    }

    /** Whether {@link #proceed} does anything. */
    default boolean isSequence() {
        return false;
    }

    /** Whether the input may be the arguments of the function that the program hooks. */
    default boolean takesArguments() {
        return false;
    }

    /** The return value alone, where nobody asks for the rest of the output. */
    default int retval(Run run, RunInput input, long r0) {
        return leave(run, input, r0).retval();
    }

    /** Collects the output after the last repetition. */
    RunOutput leave(Run run, RunInput input, long r0);
}
