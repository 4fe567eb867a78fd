package org.trufflebpf.helper;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.map.ValueFields;
import org.trufflebpf.runtime.ObjectStore;
import org.trufflebpf.runtime.Run;

/** Guest memory that a helper needs for the time of a call. */
final class Scratch {
    private Scratch() {}

    /** Zeroed bytes that programs may address too. */
    static long take(Run run, int size) {
        long address =
                run.machine()
                        .store()
                        .create(new ObjectStore.Type("scratch", size, ValueFields.NONE, 0));
        if (address == 0) {
            throw BpfException.limit(Where.UNKNOWN, "the memory is used up");
        }
        return address;
    }

    static void give(Run run, long address) {
        run.machine().store().drop(address);
    }
}
