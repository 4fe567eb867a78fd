package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.insn.Insn;

/**
 * A 64-bit immediate that refers to something of the instance (RFC 9669 section 5.4): a map (src 1
 * and 5), a byte of a map's first value (src 2 and 6), a function (src 4). A constant while there
 * is a single context.
 */
final class ReferenceNode extends InsnNode {
    /** What the immediate names. */
    enum Target {
        MAP,
        MAP_VALUE,
        FUNCTION
    }

    private final ProgramCode code;
    private final int dst;
    private final Target target;
    private final int number;
    private final long offset;
    @CompilationFinal private long constant;

    /** {@code number} is the index of the map or function. */
    ReferenceNode(ProgramCode code, Insn insn, Target target, int number) {
        super(insn);
        this.code = code;
        this.dst = insn.dst();
        this.target = target;
        this.number = number;
        this.offset = insn.nextImm() & 0xffff_ffffL;
    }

    @Override
    void execute(VirtualFrame frame) {
        if (code.single() == null) {
            Registers.set(frame, dst, resolve(code.binding(frame)));
            return;
        }
        if (constant == 0) {
            CompilerDirectives.transferToInterpreterAndInvalidate();
            constant = resolve(code.single());
        }
        Registers.set(frame, dst, constant);
    }

    private long resolve(BoundProgram binding) {
        return switch (target) {
            case MAP -> binding.instance().map(number).handle();
            case MAP_VALUE -> binding.instance().valueStart(number) + offset;
            case FUNCTION -> binding.functionHandle(number);
        };
    }
}
