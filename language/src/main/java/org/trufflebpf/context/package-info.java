/**
 * Program contexts: what r1 points to. The input of a test run enters and is laid out in memory as
 * the program type's context and packet; after the run the packet, the context and the return value
 * leave, as the kernel's {@code BPF_PROG_TEST_RUN} gives them.
 */
package org.trufflebpf.context;
