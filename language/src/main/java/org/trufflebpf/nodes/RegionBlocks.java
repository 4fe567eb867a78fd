package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.cfg.Block;
import org.trufflebpf.cfg.Region;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Makes the blocks of a region, so that it runs as a function does: first some that find the block
 * to begin with, by halving what is left of the entries; then the region's own; then one for each
 * exit, which saves the registers and says where to go on.
 */
final class RegionBlocks {
    /** In place of an instruction's slot. */
    private static final int NO_INSN = -1;

    private final NodeBuilder builder;
    private final Region region;

    /** Position of the region's first block. */
    private final int own;

    RegionBlocks(NodeBuilder builder, Region region) {
        this.builder = builder;
        this.region = region;
        this.own = Math.max(1, region.entries().size() - 1);
    }

    BlockNode[] build(List<Block> function) {
        List<BlockNode> result = new ArrayList<>();
        if (region.entries().size() == 1) {
            int only = position(region.entries().getFirst());
            result.add(new BlockNode(new InsnNode[0], null, Block.EXIT, only));
        } else {
            addSearch(result, 0, region.entries().size());
        }
        for (Block block : function.subList(region.first(), region.end())) {
            int taken = block.branch() == null ? Block.EXIT : position(block.taken());
            result.add(builder.block(block, taken, position(block.next())));
        }
        for (int exit : region.exits()) {
            InsnNode[] body = {new LeaveNode(exit)};
            result.add(new BlockNode(body, null, Block.EXIT, Block.EXIT));
        }
        return result.toArray(BlockNode[]::new);
    }

    /** Where a block is; for one of another region, where the region is left for it. */
    private int position(int block) {
        return region.contains(block)
                ? own + block - region.first()
                : own
                        + region.end()
                        - region.first()
                        + Collections.binarySearch(region.exits(), block);
    }

    /** Adds a search among the entries from {@code low} to {@code high}; gives its position. */
    private int addSearch(List<BlockNode> result, int low, int high) {
        if (high - low == 1) {
            return position(region.entries().get(low));
        }
        int at = result.size();
        result.add(null);
        int middle = (low + high) >>> 1;
        int below = addSearch(result, low, middle);
        int above = addSearch(result, middle, high);
        InsnNode[] body = {};
        BeforeNode before = new BeforeNode(region.entries().get(middle));
        result.set(at, new BlockNode(body, before, below, above));
        return at;
    }

    /** Whether to begin before a block. */
    private static final class BeforeNode extends ConditionNode {
        private final int block;

        BeforeNode(int block) {
            super(NO_INSN);
            this.block = block;
        }

        @Override
        boolean test(VirtualFrame frame) {
            return Arguments.state(frame)[Registers.NEXT_BLOCK] < block;
        }
    }

    /** Leaves the region. */
    private static final class LeaveNode extends InsnNode {
        private final int next;

        LeaveNode(int next) {
            super(NO_INSN);
            this.next = next;
        }

        @Override
        void execute(VirtualFrame frame) {
            long[] state = Arguments.state(frame);
            Registers.save(frame, state);
            state[Registers.NEXT_BLOCK] = next;
        }
    }
}
