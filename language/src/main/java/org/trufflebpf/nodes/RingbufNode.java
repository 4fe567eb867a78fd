package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.helper.HelperCall;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.RingbufMap;
import org.trufflebpf.runtime.Run;

/**
 * {@code bpf_ringbuf_reserve}, {@code submit} and {@code discard}. A call nearly always meets one
 * ring, so the node remembers it, and what the helper does where nobody else is at work on the ring
 * is compiled into the program. The ring itself refuses what is no record of it, so that a program
 * that no verifier has seen needs no further check there.
 */
abstract class RingbufNode extends Node {
    static final int RESERVE = 131;
    static final int SUBMIT = 132;
    static final int DISCARD = 133;

    final HelperRow row;
    final boolean reserves;

    /** The arguments need no check. */
    final boolean verified;

    RingbufNode(HelperRow row, boolean verified) {
        this.row = row;
        this.verified = verified;
        this.reserves = row.number() == RESERVE;
    }

    /** With r1 to r3 of the call: the address of a record, or nothing of meaning. */
    abstract long execute(Run run, long r1, long r2, long r3);

    @Specialization(
            guards = {"reserves", "ring != null", "handle == ring.handle()"},
            limit = "1")
    long reserve(
            Run run,
            long handle,
            long size,
            long flags,
            @Cached("ring(run, handle)") RingbufMap ring) {
        long record = ring.tryReserve(size, flags);
        return record == BpfMap.UNKNOWN ? callOut(run, handle, size, flags) : record;
    }

    @Specialization(
            guards = {"!reserves", "ring != null", "ring.spans(record)"},
            limit = "1")
    long commit(
            Run run,
            long record,
            long flags,
            long r3,
            @Cached("ringOf(run, record)") RingbufMap ring) {
        return ring.tryCommit(record, flags, row.number() == DISCARD)
                ? 0
                : callOut(run, record, flags, r3);
    }

    @Specialization(replaces = {"reserve", "commit"})
    long any(Run run, long r1, long r2, long r3) {
        return callOut(run, r1, r2, r3);
    }

    @TruffleBoundary
    private long callOut(Run run, long r1, long r2, long r3) {
        return verified
                ? row.function().call(run, r1, r2, r3, 0, 0)
                : HelperCall.call(run, row, r1, r2, r3, 0, 0);
    }

    static RingbufMap ring(Run run, long handle) {
        return run.machine().handles().get(handle) instanceof RingbufMap ring ? ring : null;
    }

    static RingbufMap ringOf(Run run, long record) {
        return RingbufMap.of(run.memory(), record);
    }
}
