package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.insn.Insn;

/** A call of {@code bpf_map_lookup_elem}. */
class MapLookupInsnNode extends InsnNode {
    /** Number of the helper. */
    static final int HELPER = 1;

    final ProgramCode code;
    @Child private MapLookupNode lookup;

    MapLookupInsnNode(ProgramCode code, Insn insn, HelperRow row) {
        super(insn);
        this.code = code;
        this.lookup = MapLookupNodeGen.create(row, code.single() != null, code.isVerified());
    }

    /** The handle of the map. */
    long map(VirtualFrame frame) {
        return Registers.get(frame, 1);
    }

    @Override
    final void execute(VirtualFrame frame) {
        long value;
        try {
            value = lookup.execute(Arguments.run(frame), map(frame), Registers.get(frame, 2));
        } catch (BpfException e) {
            CompilerDirectives.transferToInterpreter();
            throw located(code, e);
        }
        Registers.set(frame, Registers.R0, value);
    }
}
