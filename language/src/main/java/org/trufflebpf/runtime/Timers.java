package org.trufflebpf.runtime;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.uapi.Errno;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * Callbacks for later: {@code bpf_timer}, {@code bpf_wq} and {@code bpf_task_work} in values of
 * maps. They run in the order of their time, those of one time in the order in which they were
 * started: when the clock is advanced ({@link #advance}), and behind each run those whose time has
 * come ({@link #runDue}). Work queues are due at once. One is known by the address of its field in
 * the value, and goes with the value.
 *
 * <p>Thread-safe; callbacks run on the thread that advances, without the lock.
 */
public final class Timers {
    /** Callbacks of one advance; a timer that starts itself anew for the same time never ends. */
    private static final int MAX_CALLBACKS = 1 << 20;

    private static final long ABSOLUTE = 1;
    private static final long PINNED = 2;

    private static final class Timer {
        final BpfMap map;
        final long value;
        Instance instance;
        ProgramSpec program;
        Caller caller;
        long callback;
        int cpu;
        boolean armed;
        boolean running;
        long expiry;
        long sequence;

        Timer(BpfMap map, long value) {
            this.map = map;
            this.value = value;
        }
    }

    private final Machine machine;
    private final Map<Long, Timer> timers = new HashMap<>();
    private final TreeSet<Timer> armed = new TreeSet<>(Timers::compare);
    private long sequence;

    /** Whether anything is armed; read without the lock behind every run. */
    private volatile boolean pending;

    private static int compare(Timer a, Timer b) {
        int order = Long.compare(a.expiry, b.expiry);
        return order != 0 ? order : Long.compare(a.sequence, b.sequence);
    }

    Timers(Machine machine) {
        this.machine = machine;
    }

    /**
     * Makes a timer of a field of a map's value.
     *
     * @param value first address of the value
     * @return 0, or {@code -EBUSY} if it is one already
     */
    public synchronized long init(long address, BpfMap map, long value) {
        Timer old = timers.putIfAbsent(address, new Timer(map, value));
        return old == null ? 0 : Errno.EBUSY.negative();
    }

    /** Sets what is called, by the program of a run. */
    public synchronized long setCallback(Run run, long address, long callback) {
        Timer timer = timers.get(address);
        if (timer == null) {
            return Errno.EINVAL.negative();
        }
        timer.callback = callback;
        timer.instance = run.instance();
        timer.program = run.program();
        timer.caller = run.caller();
        return 0;
    }

    /** {@code bpf_timer_start}: {@code nanos} from now, or at a time since boot. */
    public synchronized long start(Run run, long address, long nanos, long flags) {
        Timer timer = timers.get(address);
        if (timer == null || timer.callback == 0 || (flags & ~(ABSOLUTE | PINNED)) != 0) {
            return Errno.EINVAL.negative();
        }
        disarm(timer);
        boolean absolute = (flags & ABSOLUTE) != 0;
        timer.expiry = absolute ? nanos : saturated(machine.bootNanos(), nanos);
        timer.cpu = run.cpu();
        timer.sequence = sequence++;
        timer.armed = true;
        armed.add(timer);
        pending = true;
        return 0;
    }

    private static long saturated(long now, long nanos) {
        long sum = now + nanos;
        return nanos < 0 || sum < now ? Long.MAX_VALUE : sum;
    }

    private boolean disarm(Timer timer) {
        boolean was = timer.armed;
        if (was) {
            armed.remove(timer);
            timer.armed = false;
            pending = !armed.isEmpty();
        }
        return was;
    }

    /** {@code bpf_timer_cancel}: 1 if it was armed, 0 if not, or a negative errno. */
    public synchronized long cancel(long address) {
        Timer timer = timers.get(address);
        if (timer == null) {
            return Errno.EINVAL.negative();
        }
        if (timer.running) {
            return Errno.EDEADLK.negative();
        }
        timer.callback = 0;
        return disarm(timer) ? 1 : 0;
    }

    /** The field's value goes: cancels, and forgets that there was a timer. */
    public synchronized void release(long address) {
        Timer timer = timers.remove(address);
        if (timer != null) {
            disarm(timer);
        }
    }

    /**
     * Moves the clock forward and runs all callbacks whose time comes, each at its time.
     *
     * @param parent takes what the callbacks print, or {@code null}
     * @return the number of callbacks that ran
     */
    public int advance(long nanos, Run parent) {
        long end = saturated(machine.bootNanos(), nanos);
        int count = 0;
        for (Timer next = take(end, Long.MAX_VALUE); next != null; ) {
            if (++count > MAX_CALLBACKS) {
                throw BpfException.limit(
                        Where.UNKNOWN,
                        "more than "
                                + MAX_CALLBACKS
                                + " timer callbacks while the clock advanced; does one start"
                                + " itself for the same time?");
            }
            machine.clock().moveTo(next.expiry);
            fire(next, parent);
            next = take(end, Long.MAX_VALUE);
        }
        machine.clock().moveTo(end);
        return count;
    }

    /** Whether the timer of a field is started and has not run yet. */
    public synchronized boolean isArmed(long address) {
        Timer timer = timers.get(address);
        return timer != null && timer.armed;
    }

    /** Whether any timer is started. */
    public boolean isPending() {
        return pending;
    }

    /** Runs the callbacks whose time has come; those that they start now wait for the next turn. */
    public int runDue(Run parent) {
        if (!isPending()) {
            return 0;
        }
        long now = machine.bootNanos();
        long before;
        synchronized (this) {
            before = sequence;
        }
        int count = 0;
        for (Timer next = take(now, before); next != null; next = take(now, before)) {
            fire(next, parent);
            count++;
        }
        return count;
    }

    /** The first timer up to a time that was started before, no longer armed. */
    private synchronized Timer take(long until, long before) {
        for (Timer timer : armed) {
            if (timer.expiry > until) {
                return null;
            }
            if (timer.sequence < before) {
                disarm(timer);
                timer.running = true;
                return timer;
            }
        }
        return null;
    }

    private void fire(Timer timer, Run parent) {
        Run run = machine.acquireRun();
        try {
            long callback = timer.callback;
            if (callback != 0) {
                run.begin(timer.instance, timer.program, timer.cpu, timer.caller);
                run.call(
                        callback,
                        timer.map.handle(),
                        timer.map.keyOf(timer.value),
                        timer.value,
                        0,
                        0);
            }
            if (parent != null) {
                parent.trace().addAll(run.trace());
                run.effects().forEach(parent::note);
            }
        } finally {
            synchronized (this) {
                timer.running = false;
            }
            machine.releaseRun(run);
        }
    }
}
