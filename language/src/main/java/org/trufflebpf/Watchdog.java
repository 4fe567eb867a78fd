package org.trufflebpf;

import com.oracle.truffle.api.ThreadLocalAction;
import com.oracle.truffle.api.TruffleLanguage.Env;
import com.oracle.truffle.api.exception.AbstractTruffleException;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Failure;
import org.trufflebpf.failure.Phase;
import org.trufflebpf.failure.Where;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stops runs that take longer than the context's limit. A thread of its own looks at the runs under
 * way a few times a second and interrupts those that are due at their next safepoint, so that
 * compiled code pays nothing for the limit.
 */
public final class Watchdog {
    private static final long PERIOD_MILLIS = 100;

    private final Env env;
    private final long limitNanos;
    private final Map<Thread, Guarded> active = new ConcurrentHashMap<>();

    /** Threads that come back to run programs: their sequence is odd while they do. */
    private final Map<Thread, Guarded> standing = new ConcurrentHashMap<>();

    private Thread thread;
    private volatile boolean closed;

    /** A thread that runs programs, as the watchdog sees it. */
    public static final class Guarded {
        /** Counts runs; only the running thread writes it. */
        private final AtomicLong sequence = new AtomicLong();

        private long seenSequence = -1;
        private long seenNanos;
        private volatile boolean stopped;

        /** The run that was stopped last, where the thread comes back. */
        private long stoppedSequence = -1;

        /** Another run begins; of a thread that comes back, one begins or ends. */
        public void next() {
            sequence.setRelease(sequence.getPlain() + 1);
        }
    }

    Watchdog(Env env, long limitNanos) {
        this.env = env;
        this.limitNanos = limitNanos;
    }

    /**
     * The current thread begins to run programs; {@code null} where there is no limit, or an outer
     * run is guarded.
     */
    public Guarded enter() {
        if (limitNanos == 0) {
            return null;
        }
        Guarded guarded = new Guarded();
        if (active.putIfAbsent(Thread.currentThread(), guarded) != null) {
            return null;
        }
        start();
        return guarded;
    }

    /**
     * A thread that runs programs now and then; it tells when each run begins and ends by {@link
     * Guarded#next}. {@code null} where there is no limit.
     */
    Guarded standing(Thread runner) {
        if (limitNanos == 0) {
            return null;
        }
        start();
        return standing.computeIfAbsent(runner, key -> new Guarded());
    }

    void forget(Thread runner) {
        standing.remove(runner);
    }

    /** The current thread has finished what {@link #enter} began. */
    public void leave(Guarded guarded) {
        if (guarded != null) {
            active.remove(Thread.currentThread());
        }
    }

    private synchronized void start() {
        if (thread == null && !closed) {
            thread = env.createSystemThread(this::watch);
            thread.setDaemon(true);
            thread.setName("ebpf watchdog");
            thread.start();
        }
    }

    /** Ends the thread; the context may not be left with it alive. */
    void close() {
        Thread ending;
        synchronized (this) {
            closed = true;
            ending = thread;
        }
        boolean interrupted = false;
        while (ending != null && ending.isAlive()) {
            ending.interrupt();
            try {
                ending.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch() {
        while (!closed) {
            try {
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            long now = System.nanoTime();
            active.forEach((runner, guarded) -> look(runner, guarded, now));
            standing.forEach((runner, guarded) -> lookAtStanding(runner, guarded, now));
        }
    }

    private void look(Thread runner, Guarded guarded, long now) {
        long sequence = guarded.sequence.getAcquire();
        if (guarded.seenSequence != sequence) {
            guarded.seenSequence = sequence;
            guarded.seenNanos = now;
        } else if (now - guarded.seenNanos > limitNanos && !guarded.stopped) {
            guarded.stopped = true;
            // done when it is done: the thread meets it at its next safepoint
            Future<Void> _ = env.submitThreadLocal(new Thread[] {runner}, new Stop(guarded));
        }
    }

    private void lookAtStanding(Thread runner, Guarded guarded, long now) {
        long sequence = guarded.sequence.getAcquire();
        boolean runs = (sequence & 1) != 0;
        if (!runs || guarded.seenSequence != sequence) {
            guarded.seenSequence = sequence;
            guarded.seenNanos = now;
        } else if (now - guarded.seenNanos > limitNanos && guarded.stoppedSequence != sequence) {
            guarded.stoppedSequence = sequence;
            Future<Void> _ =
                    env.submitThreadLocal(
                            new Thread[] {runner}, new StopStanding(guarded, sequence));
        }
    }

    /** Stops a run of a thread that comes back, if it still is the same run. */
    private static final class StopStanding extends ThreadLocalAction {
        private final Guarded guarded;
        private final long sequence;

        StopStanding(Guarded guarded, long sequence) {
            super(true, false);
            this.guarded = guarded;
            this.sequence = sequence;
        }

        @Override
        protected void perform(Access access) {
            if (guarded.sequence.getAcquire() == sequence) {
                throw new Expired(access.getLocation());
            }
        }
    }

    private final class Stop extends ThreadLocalAction {
        private final Guarded guarded;

        Stop(Guarded guarded) {
            super(true, false);
            this.guarded = guarded;
        }

        @Override
        protected void perform(Access access) {
            if (active.get(access.getThread()) == guarded) {
                Node location = access.getLocation();
                throw new Expired(location);
            }
        }
    }

    /** Carries the limit's end out of a safepoint; unwinds as any error of the guest. */
    private static final class Expired extends AbstractTruffleException {
        private static final long serialVersionUID = 1L;

        Expired(Node location) {
            super("the program ran too long", location);
        }
    }

    /** The error to report for an exception that ended a run, if it was the limit. */
    public BpfException expired(Throwable thrown) {
        if (!(thrown instanceof Expired)) {
            return null;
        }
        return new BpfException(
                Failure.LIMIT,
                Phase.RUN,
                Where.UNKNOWN,
                "the program ran longer than "
                        + limitNanos / 1_000_000_000
                        + " s and was stopped; is there an endless loop? (limit: --timeout)");
    }
}
