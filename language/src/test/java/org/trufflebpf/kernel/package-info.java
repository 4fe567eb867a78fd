/**
 * The running Linux kernel as the oracle of the tests: the {@code bpf()} system call, libbpf, and
 * the fixtures whose expectations come from them.
 *
 * <p>In goes a fixture ({@code src/test/fixtures}: an object file and its cases), out comes what
 * the kernel does with it. Nothing here touches the language; where {@code bpf()} is not permitted,
 * all of it says so and is skipped.
 */
package org.trufflebpf.kernel;
