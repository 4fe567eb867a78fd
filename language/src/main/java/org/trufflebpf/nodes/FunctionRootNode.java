package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.RootNode;

import org.trufflebpf.EbpfLanguage;
import org.trufflebpf.cfg.Function;
import org.trufflebpf.runtime.ProgramException;

/** A function of a program as a call target. */
final class FunctionRootNode extends RootNode {
    private final ProgramCode code;
    private final Function function;
    private final boolean catching;
    @Child private BodyNode body;

    FunctionRootNode(EbpfLanguage language, ProgramCode code, Function function) {
        super(language, Registers.descriptor());
        this.code = code;
        this.function = function;
        // an exception ends all functions but the first
        this.catching = function.index() == 0 && code.isThrowing();
    }

    EbpfLanguage language() {
        return getLanguage(EbpfLanguage.class);
    }

    Function function() {
        return function;
    }

    void fill(NodeBuilder builder) {
        body = insert(builder.body(this));
    }

    @Override
    public Object execute(VirtualFrame frame) {
        Registers.enter(frame);
        if (!catching) {
            return body.execute(frame);
        }
        try {
            return body.execute(frame);
        } catch (ProgramException e) {
            return code.caught(Arguments.run(frame), code.binding(frame), e);
        }
    }

    @Override
    public String getName() {
        return function.name();
    }

    @Override
    public String getQualifiedName() {
        return code.object().name() + ":" + function.name();
    }

    @Override
    public String toString() {
        return function.name();
    }
}
