package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.runtime.ObjectStore;
import org.trufflebpf.runtime.Run;

import java.util.Map;

/** Kptrs: pointers in values that keep an object alive; and pointers to a CPU's object. */
final class KptrHelpers {
    private KptrHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "kptr_xchg",
                (run, place, pointer, r3, r4, r5) -> run.memory().getAndSetLong(place, pointer));
        all.put("per_cpu_ptr", (run, pointer, cpu, r3, r4, r5) -> ofCpu(run, pointer, (int) cpu));
        all.put("this_cpu_ptr", (run, pointer, r2, r3, r4, r5) -> ofCpu(run, pointer, run.cpu()));
    }

    private static long ofCpu(Run run, long pointer, int cpu) {
        ObjectStore.Type type = run.machine().store().typeOf(pointer);
        if (type == null || type.cpus() == 0) {
            throw BpfException.trap(
                    "0x" + Long.toHexString(pointer) + " is not an object of bpf_percpu_obj_new");
        }
        return Integer.compareUnsigned(cpu, type.cpus()) < 0 ? pointer + cpu * type.stride() : 0;
    }
}
