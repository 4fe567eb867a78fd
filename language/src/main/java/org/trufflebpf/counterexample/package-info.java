/**
 * Counterexamples. A program that the verifier refused enters; an input leaves on which a run of
 * the program, unverified, faults at the refused instruction, or the word that none was found. The
 * search rests on nothing but runs: each input is derived from an older one by what the older one's
 * run compared and looked up.
 */
package org.trufflebpf.counterexample;
