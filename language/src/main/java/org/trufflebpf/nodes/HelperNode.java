package org.trufflebpf.nodes;

import com.oracle.truffle.api.CompilerDirectives;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.helper.HelperCall;
import org.trufflebpf.helper.HelperRow;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.insn.Opcode.Kind;
import org.trufflebpf.runtime.Run;

import java.util.Set;

/** A call of a helper or kernel function: arguments in r1 to r5, the result in r0. */
final class HelperNode extends InsnNode {
    private final ProgramCode code;

    /** Helpers that are short and take numbers only: they are compiled into the program. */
    private static final Set<String> INLINED =
            Set.of("ktime_get_ns", "ktime_get_boot_ns", "get_prandom_u32", "get_smp_processor_id");

    /** Helpers that are short where memory that they are given needs no check. */
    private static final Set<String> INLINED_IF_VERIFIED = Set.of("csum_diff");

    private final HelperRow row;
    private final boolean inlined;

    HelperNode(ProgramCode code, Insn insn, HelperRow row) {
        super(insn);
        this.code = code;
        this.row = row;
        this.inlined =
                INLINED.contains(row.name())
                        || (code.isVerified() && INLINED_IF_VERIFIED.contains(row.name()));
    }

    /** The node for a call, a special one where it pays. */
    static InsnNode create(ProgramCode code, Insn insn, HelperRow row) {
        if (insn.opcode().kind() == Kind.CALL_HELPER && !code.isConformance()) {
            switch (insn.imm()) {
                case MapLookupInsnNode.HELPER -> {
                    return code.onlyMap(insn) >= 0 && code.single() != null
                            ? new KnownMapLookupNode(code, insn, row)
                            : new MapLookupInsnNode(code, insn, row);
                }
                case BpfLoopNode.HELPER -> {
                    return new BpfLoopNode(code, insn);
                }
                case RingbufNode.RESERVE, RingbufNode.SUBMIT, RingbufNode.DISCARD -> {
                    if (code.single() != null) {
                        return new RingbufInsnNode(code, insn, row);
                    }
                }
                default -> {}
            }
        }
        return new HelperNode(code, insn, row);
    }

    @Override
    void execute(VirtualFrame frame) {
        Run run = Arguments.run(frame);
        run.setFramePointer(Registers.get(frame, Registers.FRAME_POINTER));
        long result;
        try {
            result =
                    call(
                            run,
                            Registers.get(frame, 1),
                            Registers.get(frame, 2),
                            Registers.get(frame, 3),
                            Registers.get(frame, 4),
                            Registers.get(frame, 5));
        } catch (BpfException e) {
            CompilerDirectives.transferToInterpreter();
            throw located(code, e);
        }
        Registers.set(frame, Registers.R0, result);
    }

    private long call(Run run, long r1, long r2, long r3, long r4, long r5) {
        return inlined
                ? row.function().call(run, r1, r2, r3, r4, r5)
                : callOut(run, r1, r2, r3, r4, r5);
    }

    @TruffleBoundary
    private long callOut(Run run, long r1, long r2, long r3, long r4, long r5) {
        return code.isVerified()
                ? row.function().call(run, r1, r2, r3, r4, r5)
                : HelperCall.call(run, row, r1, r2, r3, r4, r5);
    }
}
