/**
 * The object specification. An ELF file with its BTF enters, an {@link
 * org.trufflebpf.object.ObjectSpec} leaves: programs with their subprograms appended and their
 * references resolved, maps, globals. It is the same for the same bytes; the environment (target
 * BTF, CPUs, sizes) enters later, when a program is loaded.
 */
package org.trufflebpf.object;
