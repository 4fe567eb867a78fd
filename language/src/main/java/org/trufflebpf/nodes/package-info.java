/**
 * Execution. Functions as basic blocks enter; call targets leave, one for each function, that
 * Truffle compiles: one node for each instruction, grouped in blocks, dispatched by a loop that
 * partial evaluation unrolls into the program's own control flow. Nodes hold no state of a context
 * but through the binding of a single context ({@link org.trufflebpf.nodes.ProgramCode#bound}).
 */
@SuppressPackageWarnings({"truffle-inlining", "truffle-sharing"})
package org.trufflebpf.nodes;

import com.oracle.truffle.api.dsl.SuppressPackageWarnings;
