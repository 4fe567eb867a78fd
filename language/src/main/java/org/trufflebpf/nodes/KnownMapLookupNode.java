package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.insn.Insn;

/**
 * A lookup in one map on every path, as the verifier proved: the map is a constant to the compiler,
 * wherever its pointer was kept meanwhile, and no guard asks whether it is another one. Only where
 * there is a single context.
 */
final class KnownMapLookupNode extends MapLookupInsnNode {
    private final int map;
    @CompilationFinal private long handle;

    KnownMapLookupNode(ProgramCode code, Insn insn, HelperRow row) {
        super(code, insn, row);
        this.map = code.onlyMap(insn);
    }

    @Override
    long map(VirtualFrame frame) {
        if (handle == 0) {
            CompilerDirectives.transferToInterpreterAndInvalidate();
            handle = code.single().instance().map(map).handle();
        }
        return handle;
    }
}
