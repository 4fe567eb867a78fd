package org.trufflebpf.nodes;

import com.oracle.truffle.api.CallTarget;
import com.oracle.truffle.api.CompilerDirectives.CompilationFinal;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;
import com.oracle.truffle.api.frame.VirtualFrame;

import org.trufflebpf.EbpfLanguage;
import org.trufflebpf.cfg.ControlFlow;
import org.trufflebpf.cfg.Function;
import org.trufflebpf.failure.Where;
import org.trufflebpf.insn.Insn;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.object.ExceptionCallback;
import org.trufflebpf.object.LineInfo;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.relo.LoadedProgram;
import org.trufflebpf.runtime.Instance;
import org.trufflebpf.runtime.ProgramException;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.verifier.Proofs;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The code of one loaded program: a call target for each function. Shared by all contexts of an
 * engine, or, while there is a single context, bound to one instance, so that its memory and maps
 * are constants of the compiled code.
 */
public final class ProgramCode {
    private final ObjectSpec object;
    private final LoadedProgram program;
    private final InsnListener listener;
    private final boolean conformance;
    private final Proofs proofs;
    private final GuestFunctions guests;
    private final List<Function> functions;

    /** Index of the exception callback, or -1. */
    private final int exceptionCallback;

    private final boolean throwing;

    @CompilationFinal(dimensions = 1)
    private final CallTarget[] targets;

    /** The only binding, where the code was made for one; else {@code null}. */
    @CompilationFinal private BoundProgram single;

    /**
     * Makes the nodes of a program.
     *
     * @param exclusive the instance, where there is a single context, else {@code null}
     * @param listener hears of every instruction that runs; {@code null} for none
     * @param conformance helpers are those of the conformance suite
     * @param proofs what the verifier found out; {@link Proofs#NONE} where it was not asked
     * @param replaced what takes the place of functions, by their names; only with an instance
     * @param guests functions of other languages in place of helpers; only with an instance
     */
    public ProgramCode(
            EbpfLanguage language,
            ObjectSpec object,
            LoadedProgram program,
            Instance exclusive,
            InsnListener listener,
            boolean conformance,
            Proofs proofs,
            Map<String, CallTarget> replaced,
            GuestFunctions guests) {
        this.guests = guests;
        this.conformance = conformance;
        this.proofs = proofs;
        this.object = object;
        this.program = program;
        this.listener = listener;
        this.functions = ControlFlow.functions(program, where(-1));
        this.throwing = program.kfuncs().containsValue("bpf_throw");
        this.exceptionCallback = throwing ? findExceptionCallback() : -1;
        this.targets = new CallTarget[functions.size()];
        if (exclusive != null) {
            this.single = new BoundProgram(this, exclusive);
        }
        List<FunctionRootNode> roots = new ArrayList<>();
        for (Function function : functions) {
            roots.add(new FunctionRootNode(language, this, function));
        }
        // nodes are made after all call targets exist, because calls refer to them
        for (FunctionRootNode root : roots) {
            CallTarget own = root.getCallTarget();
            targets[root.function().index()] = replaced.getOrDefault(root.function().name(), own);
        }
        NodeBuilder builder = new NodeBuilder(this);
        for (FunctionRootNode root : roots) {
            root.fill(builder);
        }
    }

    /** Binds the program to an instance. */
    public BoundProgram bind(Instance instance) {
        return single != null ? single : new BoundProgram(this, instance);
    }

    public ObjectSpec object() {
        return object;
    }

    public LoadedProgram program() {
        return program;
    }

    /** Whether the verifier proved that an instruction's access is in bounds. */
    boolean isProven(Insn insn) {
        return proofs.isProven(insn.index());
    }

    /** 1 if a conditional jump is always taken, as the verifier proved, 0 if never, else -1. */
    int decided(Insn insn) {
        return proofs.branch(insn.index());
    }

    /** The index of the only map that a lookup is made in, as the verifier proved, else -1. */
    int onlyMap(Insn insn) {
        return proofs.map(insn.index());
    }

    /** Whether the verifier proved that a divisor in a register is never zero. */
    boolean dividesByNonZero(Insn insn) {
        return proofs.dividesByNonZero(insn.index());
    }

    boolean isConformance() {
        return conformance;
    }

    /**
     * Whether the verifier accepted the program: the arguments of helpers are right, and only the
     * arena's bounds hold them.
     */
    boolean isVerified() {
        return proofs != Proofs.NONE;
    }

    GuestFunctions guests() {
        return guests;
    }

    boolean isTraced() {
        return listener != null;
    }

    /** Who hears of every instruction that runs, or {@code null}. */
    InsnListener listener() {
        return listener;
    }

    private int findExceptionCallback() {
        int entry = program.spec().subprogs().getFirst().typeId();
        String name = ExceptionCallback.name(object.btf(), entry);
        for (Function function : functions) {
            if (function.name().equals(name)) {
                return function.index();
            }
        }
        return -1;
    }

    /** Whether the program calls {@code bpf_throw}. */
    boolean isThrowing() {
        return throwing;
    }

    /** The result of the program after an exception: the cookie, or what the callback returns. */
    @TruffleBoundary
    long caught(Run run, BoundProgram binding, ProgramException exception) {
        run.setFramePointer(run.topFrame());
        return exceptionCallback < 0
                ? exception.cookie()
                : (long)
                        target(exceptionCallback)
                                .call(
                                        Arguments.of(
                                                run,
                                                binding,
                                                run.topFrame(),
                                                exception.cookie(),
                                                0,
                                                0,
                                                0,
                                                0));
    }

    List<Function> functions() {
        return functions;
    }

    CallTarget target(int function) {
        return targets[function];
    }

    boolean isBigEndian() {
        return object.order() == ByteOrder.BIG_ENDIAN;
    }

    /** The binding, a constant while there is a single context. */
    BoundProgram binding(VirtualFrame frame) {
        return single != null ? single : Arguments.binding(frame);
    }

    /** The only binding, or {@code null} where the code is shared. */
    BoundProgram single() {
        return single;
    }

    /** The arena, a constant while there is a single context. */
    Memory memory(VirtualFrame frame) {
        return single != null ? single.memory() : Arguments.binding(frame).memory();
    }

    /** The place of an instruction for messages; -1 for the whole program. */
    @TruffleBoundary
    Where where(int insn) {
        Where place =
                new Where(object.name(), program.spec().section(), program.spec().name(), -1, null);
        if (insn < 0) {
            return place;
        }
        LineInfo line = program.spec().line(insn);
        return place.at(insn, line == null ? null : line.describe());
    }
}
