package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.ValueFields;
import org.trufflebpf.map.ValueFields.Field;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/** Timers, work queues and task work in values of maps; when they run, {@code Timers} says. */
final class TimerHelpers {
    private static final long CLOCK_REALTIME = 0;
    private static final long CLOCK_MONOTONIC = 1;
    private static final long CLOCK_BOOTTIME = 7;

    private TimerHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "timer_init",
                (run, timer, map, flags, r4, r5) ->
                        flags == CLOCK_REALTIME
                                        || flags == CLOCK_MONOTONIC
                                        || flags == CLOCK_BOOTTIME
                                ? init(run, timer, map, ValueFields.Kind.BPF_TIMER)
                                : Errno.EINVAL.negative());
        all.put(
                "timer_set_callback",
                (run, timer, callback, r3, r4, r5) ->
                        run.machine().timers().setCallback(run, timer, callback));
        all.put(
                "timer_start",
                (run, timer, nanos, flags, r4, r5) ->
                        run.machine().timers().start(run, timer, nanos, flags));
        all.put(
                "timer_cancel",
                (run, timer, r2, r3, r4, r5) -> run.machine().timers().cancel(timer));
    }

    static void addKfuncsTo(Map<String, HelperFunction> all) {
        all.put(
                "wq_init",
                (run, work, map, flags, r4, r5) ->
                        flags == 0
                                ? init(run, work, map, ValueFields.Kind.BPF_WQ)
                                : Errno.EINVAL.negative());
        all.put(
                "wq_set_callback_impl",
                (run, work, callback, flags, r4, r5) ->
                        flags == 0
                                ? run.machine().timers().setCallback(run, work, callback)
                                : Errno.EINVAL.negative());
        all.put(
                "wq_start",
                (run, work, flags, r3, r4, r5) ->
                        flags == 0
                                ? run.machine().timers().start(run, work, 0, 0)
                                : Errno.EINVAL.negative());
        all.put("task_work_schedule_signal_impl", TimerHelpers::schedule);
        all.put("task_work_schedule_resume_impl", TimerHelpers::schedule);
    }

    /** Runs the callback once, when the task that the program interrupted goes on. */
    private static long schedule(Run run, long task, long work, long map, long callback, long r5) {
        if (run.machine().timers().isArmed(work)) {
            return Errno.EBUSY.negative();
        }
        init(run, work, map, ValueFields.Kind.BPF_TASK_WORK);
        long result = run.machine().timers().setCallback(run, work, callback);
        return result != 0 ? result : run.machine().timers().start(run, work, 0, 0);
    }

    private static long init(Run run, long address, long handle, ValueFields.Kind kind) {
        BpfMap map = MapHelpers.map(run, handle);
        for (Field field : map.fields().fields()) {
            if (field.kind() == kind) {
                return run.machine().timers().init(address, map, address - field.offset());
            }
        }
        throw BpfException.trap(
                "map " + map.name() + " has no " + kind.name().toLowerCase(java.util.Locale.ROOT));
    }
}
