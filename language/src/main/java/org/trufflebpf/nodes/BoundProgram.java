package org.trufflebpf.nodes;

import com.oracle.truffle.api.CallTarget;
import com.oracle.truffle.api.CompilerDirectives.TruffleBoundary;

import org.trufflebpf.EbpfLanguage;
import org.trufflebpf.context.ProgramContext;
import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Instance;

/** A program's code together with the instance whose maps and memory it works on. */
public final class BoundProgram {
    private final ProgramCode code;
    private final Instance instance;
    private final Memory memory;

    /** Guest addresses of functions, 0 until the first use. */
    private long[] handles;

    private CallTarget repeater;

    BoundProgram(ProgramCode code, Instance instance) {
        this.code = code;
        this.instance = instance;
        this.memory = instance.memory();
    }

    public ProgramCode code() {
        return code;
    }

    public Instance instance() {
        return instance;
    }

    public Memory memory() {
        return memory;
    }

    /** What runs the program; its arguments are those of {@link Arguments}. */
    public CallTarget entry() {
        return code.target(0);
    }

    /** What runs the program several times: {@link RepeatRootNode}. */
    @TruffleBoundary
    synchronized CallTarget repeater(EbpfLanguage language) {
        if (repeater == null) {
            ProgramContext layout = ProgramContexts.of(code.program().spec());
            repeater = new RepeatRootNode(language, this, layout).getCallTarget();
        }
        return repeater;
    }

    /** The guest address of a function: {@code BPF_PSEUDO_FUNC}. */
    @TruffleBoundary
    synchronized long functionHandle(int function) {
        if (handles == null) {
            handles = new long[code.functions().size()];
        }
        if (handles[function] == 0) {
            handles[function] =
                    instance.machine()
                            .handles()
                            .register(new FunctionReference(this, function, code.target(function)));
        }
        return handles[function];
    }
}
