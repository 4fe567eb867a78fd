package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.uapi.MapType;

/**
 * {@code addr_space_cast} between a pointer into an arena as user space sees it and as the program
 * dereferences it. Guest addresses have 32 bits: the program's form is the lower half, the user's
 * has the upper half of the arena's {@code map_extra} too. NULL is NULL in both.
 */
final class AddressSpaceCastNode extends InsnNode {
    /** The immediate of a cast to user space: destination address space 1, source 0. */
    private static final int TO_USER = 1 << 16;

    private final int dst;
    private final int src;
    private final long upper;

    AddressSpaceCastNode(ObjectSpec object, Insn insn) {
        super(insn);
        this.dst = insn.dst();
        this.src = insn.src();
        this.upper = insn.imm() == TO_USER ? upperHalf(object) : 0;
    }

    private static long upperHalf(ObjectSpec object) {
        for (MapSpec map : object.maps()) {
            if (map.type() == MapType.ARENA) {
                return map.mapExtra() & ~0xffff_ffffL;
            }
        }
        return 0;
    }

    @Override
    void execute(VirtualFrame frame) {
        long lower = Registers.get(frame, src) & 0xffff_ffffL;
        Registers.set(frame, dst, lower == 0 ? 0 : upper | lower);
    }
}
