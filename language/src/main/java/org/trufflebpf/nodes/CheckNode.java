package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.dsl.Cached;
import com.oracle.truffle.api.dsl.Specialization;
import com.oracle.truffle.api.nodes.Node;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Region;
import org.trufflebpf.runtime.Run;

/**
 * Holds one access of an unverified program to the bounds of an object. A place in a program nearly
 * always meets the same object, so the node remembers which: the packet, context or stack of the
 * run, or up to three regions of maps.
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

    /** An object that stays where it is, the values of a map or a ring; its own rule is inlined. */
    @Specialization(
            guards = {"exclusive", "region != null", "region.allows(address, size, write)"},
            limit = "MAX_REGIONS")
    static void region(
            Run run,
            long address,
            @SuppressWarnings("unused") @Cached("fixedRegion(run, address)") Region region) {}

    @Specialization(replaces = "region")
    void any(Run run, long address) {
        look(run, address);
    }

    /** The region of an access that is allowed and may be remembered, or {@code null}. */
    final Region fixedRegion(Run run, long address) {
        Region region = run.memory().find(address);
        boolean fixed =
                region != null && isFixed(region.kind()) && region.allows(address, size, write);
        return fixed ? region : null;
    }

    private static boolean isFixed(Region.Kind kind) {
        return kind == Region.Kind.MAP_VALUE || kind == Region.Kind.RING_BUFFER;
    }

    @TruffleBoundary
    private void look(Run run, long address) {
        run.memory().check(address, size, write);
    }
}
