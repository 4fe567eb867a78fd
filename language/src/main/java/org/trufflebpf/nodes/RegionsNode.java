package org.trufflebpf.nodes;

import com.oracle.truffle.api.CallTarget;
import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.TruffleSafepoint;
import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.IndirectCallNode;
import com.oracle.truffle.api.nodes.LoopNode;

import org.trufflebpf.cfg.Block;
import org.trufflebpf.cfg.Region;

import java.util.Arrays;
import java.util.List;

/**
 * The body of a function that is too large to be compiled as a whole: its {@link Region regions}
 * are call targets of their own, and hand the registers to one another in an array. What a change
 * of regions costs is little beside a region; one that no run comes to is never compiled.
 */
final class RegionsNode extends BodyNode {
    /** For each block the call target of its region. */
    @CompilationFinal(dimensions = 1)
    private final CallTarget[] regionOf;

    @Child private IndirectCallNode call = IndirectCallNode.create();

    private RegionsNode(CallTarget[] regionOf) {
        this.regionOf = regionOf;
    }

    static RegionsNode create(FunctionRootNode root, NodeBuilder builder, List<Region> regions) {
        CallTarget[] regionOf = new CallTarget[root.function().blocks().size()];
        for (Region region : regions) {
            RegionRootNode node = new RegionRootNode(root, region, builder);
            Arrays.fill(regionOf, region.first(), region.end(), node.getCallTarget());
        }
        return new RegionsNode(regionOf);
    }

    @Override
    Object execute(VirtualFrame frame) {
        long[] state = new long[Registers.STATE_SIZE];
        Registers.save(frame, state);
        Object[] arguments = Arguments.ofRegion(frame, state);
        int calls = 0;
        int block = 0;
        while (block != Block.EXIT) {
            call.call(regionOf[block], arguments);
            block = (int) state[Registers.NEXT_BLOCK];
            calls++;
            TruffleSafepoint.poll(this);
        }
        LoopNode.reportLoopCount(this, calls);
        return state[Registers.R0];
    }
}
