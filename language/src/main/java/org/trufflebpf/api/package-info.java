/**
 * BPF objects for those who only want Java: {@link org.trufflebpf.api.BpfObject} opens one, {@link
 * org.trufflebpf.api.BpfProgram} runs its programs, {@link org.trufflebpf.api.BpfMap} shows its
 * maps as collections of Java values, {@link org.trufflebpf.api.BpfException} is everything that
 * can be wrong with a guest. All of it stands on the polyglot values of {@link
 * org.trufflebpf.interop} and on nothing else of this module, so that whoever needs more finds the
 * {@link org.graalvm.polyglot.Value} behind each object.
 *
 * <p>Everything here may be used by many threads at once; programs then run in parallel, and share
 * maps as the CPUs of a machine do.
 */
package org.trufflebpf.api;
