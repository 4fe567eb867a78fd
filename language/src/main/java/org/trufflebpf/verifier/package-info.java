/**
 * The verifier. A program whose instructions are final enters, with the facts that its verdict may
 * depend on: maps, helpers, kernel functions, the kernel's types. Its {@link
 * org.trufflebpf.verifier.Verdict} leaves: accepted with a proof for each memory access, or refused
 * with the reason. What is accepted breaks no rule of memory, types, references or locks on any
 * path.
 *
 * <p>Domain ({@code Tnum}, {@code Scalar}), state ({@code Reg}, {@code Frame}, {@code State}),
 * meaning of instructions ({@code ScalarAlu}, {@code Conditions}), permission ({@code *Check}),
 * walk of the paths ({@code Walk}), pruning ({@code Pruning}, {@code Precision}, liveness) and
 * messages ({@code Log}, {@code Hint}) are apart.
 */
package org.trufflebpf.verifier;
