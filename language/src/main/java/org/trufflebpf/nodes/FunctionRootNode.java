package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.RootNode;

import org.trufflebpf.EbpfLanguage;
import org.trufflebpf.cfg.Function;

/** A function of a program as a call target. */
final class FunctionRootNode extends RootNode {
    private final ProgramCode code;
    private final Function function;
    @Child private FunctionNode body;

    FunctionRootNode(EbpfLanguage language, ProgramCode code, Function function) {
        super(language, Registers.descriptor());
        this.code = code;
        this.function = function;
    }

    Function function() {
        return function;
    }

    void fill(BlockNode[] blocks) {
        body = insert(new FunctionNode(blocks));
    }

    @Override
    public Object execute(VirtualFrame frame) {
        Registers.enter(frame);
        return body.execute(frame);
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
