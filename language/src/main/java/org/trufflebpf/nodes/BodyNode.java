package org.trufflebpf.nodes;

import com.oracle.truffle.api.frame.VirtualFrame;
import com.oracle.truffle.api.nodes.Node;

/** What a function does once its registers are filled. */
abstract class BodyNode extends Node {
    /** Gives r0. */
    abstract Object execute(VirtualFrame frame);
}
