/**
 * ELF. The bytes of an object file enter; sections, symbols and relocations leave. Every offset and
 * size that leaves lies inside the file, and nothing is allocated for a declared size before it was
 * checked against the file.
 */
package org.trufflebpf.elf;
