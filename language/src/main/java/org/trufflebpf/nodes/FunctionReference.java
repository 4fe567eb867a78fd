package org.trufflebpf.nodes;

import com.oracle.truffle.api.CallTarget;

/** What the guest address of a function stands for. */
record FunctionReference(BoundProgram binding, int function, CallTarget target) {}
