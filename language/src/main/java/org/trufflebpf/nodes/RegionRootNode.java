package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.RootNode;

import org.trufflebpf.cfg.Region;

/**
 * A region of a function as a call target. Takes the registers and the block to begin with from the
 * state among its arguments, and leaves there the registers and the block to go on with.
 */
final class RegionRootNode extends RootNode {
    private final FunctionRootNode function;
    private final int first;
    @Child private FunctionNode body;

    RegionRootNode(FunctionRootNode function, Region region, NodeBuilder builder) {
        super(function.language(), Registers.descriptor());
        this.function = function;
        this.first = region.first();
        this.body = builder.body(function.function(), region);
    }

    @Override
    public Object execute(VirtualFrame frame) {
        Registers.restore(frame, Arguments.state(frame));
        return body.execute(frame);
    }

    /** A guest's stack shows the function, not its regions. */
    @Override
    public boolean isInternal() {
        return true;
    }

    @Override
    public String getName() {
        return function.getName() + " from block " + first;
    }

    @Override
    public String getQualifiedName() {
        return function.getQualifiedName() + " from block " + first;
    }

    @Override
    public String toString() {
        return getName();
    }
}
