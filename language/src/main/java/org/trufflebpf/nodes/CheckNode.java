package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.nodes.Node;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Region;
import org.trufflebpf.runtime.Run;

/**
 * Holds one access of an unverified program to the bounds of an object. A place in a program nearly always meets the
 * same object, so the node remembers which: the packet, context or stack of the run, or up to three regions of maps.
 */
abstract class CheckNode extends Node {
    static final int MAX_REGIONS = 3;

    final int size;
    final boolean write;
    /** Regions of maps may be remembered: there is a single context. */
    final boolean exclusive;

    CheckNode(int size, boolean write, boolean exclusive) {
        this.size = size;
        this.write = write;
        this.exclusive = exclusive;
    }

    /**
     * Returns if the bytes may be accessed.
     *
     * @throws BpfException TRAP without a place
     */
    abstract void execute(Run run, long address);

    @Specialization(guards = "run.packet().containsRun(address, size)")
    static void packet(Run run, long address) {}

    @Specialization(guards = "run.stackContains(address, size)")
    static void stack(Run run, long address) {}

    @Specialization(guards = "run.context().containsRun(address, size)")
    static void context(Run run, long address) {}

    /** An object that stays where it is, such as the values of a map. */
    @Specialization(
            guards = {"exclusive", "region != null", "contains(start, length, stride, elementSize, address)"},
            limit = "MAX_REGIONS")
    static void region(
            Run run,
            long address,
            @Cached("fixedRegion(run, address)") Region region,
            @Cached("region.start()") long start,
            @Cached("region.size()") long length,
            @Cached("region.stride()") long stride,
            @Cached("region.elementSize()") long elementSize) {}

    @Specialization(replaces = "region")
    void any(Run run, long address) {
        look(run, address);
    }

    final boolean contains(long start, long length, long stride, long elementSize, long address) {
        long offset = address - start;
        if (offset < 0 || offset > length - size) {
            return false;
        }
        return stride == length || offset % stride <= elementSize - size;
    }

    /** The region of an access that is allowed and may be remembered, or {@code null}. */
    final Region fixedRegion(Run run, long address) {
        Region region = run.memory().find(address);
        boolean fixed = region != null
                && region.contains(address, size)
                && (!write || region.writable())
                && region.kind() == Region.Kind.MAP_VALUE
                && region.size() > 0
                && region.stride() > 0;
        return fixed ? region : null;
    }

    @TruffleBoundary
    private void look(Run run, long address) {
        run.memory().check(address, size, write);
    }
}
