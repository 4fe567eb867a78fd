package org.trufflebpf;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;

import org.trufflebpf.Watchdog.Guarded;
import org.trufflebpf.nodes.BoundProgram;
import org.trufflebpf.runtime.Caller;
import org.trufflebpf.runtime.Run;

/**
 * What one thread keeps in a context so that compiled code of other languages calls programs
 * without locks: a {@link Run} of its own, and its place with the {@link Watchdog}. Used by that
 * thread alone. While a program runs here, programs that it calls in turn, through functions of
 * other languages, take the general way.
 */
public final class EbpfThread {
    private final EbpfContext context;
    private final Thread thread;

    /** {@code null} until the first run. */
    private Run run;

    /** {@code null} where runs have no limit. */
    private Guarded guarded;

    private boolean busy;

    /** Packets on their way into the arena. */
    private byte[] buffer = new byte[2048];

    EbpfThread(EbpfContext context, Thread thread) {
        this.context = context;
        this.thread = thread;
    }

    /** Whether a program runs here already. */
    public boolean isBusy() {
        return busy;
    }

    /** Room for so many bytes. */
    public byte[] buffer(int size) {
        if (size > buffer.length) {
            grow(size);
        }
        return buffer;
    }

    @TruffleBoundary
    private void grow(int size) {
        buffer = new byte[Math.max(size, 2 * buffer.length)];
    }

    /** A run begins; {@link #end} has to follow. */
    public Run begin(BoundProgram program, Caller caller) {
        Run own = run;
        if (own == null) {
            own = prepare();
        }
        busy = true;
        if (guarded != null) {
            guarded.next();
        }
        own.begin(program.instance(), program.code().program().spec(), 0, caller);
        return own;
    }

    @TruffleBoundary
    private Run prepare() {
        guarded = context.watchdog().standing(thread);
        run = context.machine().acquireRun();
        return run;
    }

    /**
     * The run is over, and all that it left behind is taken.
     *
     * @param clean whether it {@linkplain Run#isClean left nothing}; false if it failed
     */
    public void end(boolean clean) {
        busy = false;
        if (guarded != null) {
            guarded.next();
        }
        if (!clean) {
            clean();
        }
    }

    @TruffleBoundary
    private void clean() {
        run.unlock();
        run.reset();
    }

    /** The thread will not run programs any more. */
    void close() {
        if (run != null) {
            context.watchdog().forget(thread);
            context.machine().releaseRun(run);
            run = null;
        }
    }
}
