package org.trufflebpf.helper;

import org.trufflebpf.context.MachineRegisters;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.ProgramType;

import java.util.Map;

/** Helpers of programs that hook functions: what was called, with which arguments and result. */
final class TracingHelpers {
    private static final long INVALID = Errno.EINVAL.negative();

    private static final int BPF_TRACE_FEXIT = 25;
    private static final int BPF_MODIFY_RETURN = 26;

    private TracingHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("get_func_ip", (run, context, r2, r3, r4, r5) -> functionAddress(run, context));
        // what an attachment without a cookie gives
        all.put("get_attach_cookie", (run, context, r2, r3, r4, r5) -> 0);
        all.put(
                "get_func_arg",
                (run, context, n, value, r4, r5) -> argument(run, context, n, value));
        all.put(
                "get_func_ret",
                (run, context, value, r3, r4, r5) -> {
                    if (!hasResult(run)) {
                        return Errno.EOPNOTSUPP.negative();
                    }
                    run.memory().putLong(value, run.memory().getLong(context + 8L * count(run)));
                    return 0;
                });
        all.put("get_func_arg_cnt", (run, context, r2, r3, r4, r5) -> count(run));
    }

    private static long functionAddress(Run run, long context) {
        if (run.program().type() == ProgramType.KPROBE) {
            int ip = run.instance().architecture().instruction();
            return MachineRegisters.get(run, context, ip);
        }
        return run.machine().opaque("function " + run.program().attachTarget());
    }

    private static boolean hasResult(Run run) {
        int attachType = run.program().attachType();
        boolean exit = attachType == BPF_TRACE_FEXIT || attachType == BPF_MODIFY_RETURN;
        return exit && run.context().size() >= 8;
    }

    /** The number of arguments: what the context has, without the result at its end. */
    private static int count(Run run) {
        return (int) run.context().size() / 8 - (hasResult(run) ? 1 : 0);
    }

    private static long argument(Run run, long context, long n, long value) {
        long index = n & 0xffff_ffffL;
        if (index >= count(run)) {
            return INVALID;
        }
        run.memory().putLong(value, run.memory().getLong(context + 8 * index));
        return 0;
    }
}
