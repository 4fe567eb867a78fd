/**
 * Unit tests of BPF programs with JUnit 5, without root and without a kernel: {@link
 * org.trufflebpf.junit.BpfObjectFile} names the object that a class of tests is about. JUnit is an
 * optional dependency: only whoever uses this package needs it.
 */
package org.trufflebpf.junit;
