/**
 * Static linking: several relocatable objects enter, one that says the same leaves, as {@code
 * bpftool gen object} makes it. Sections of one name become one, externs are bound to the
 * definitions of other objects, and BTF speaks of the whole. What leaves is an ELF file again,
 * which {@link org.trufflebpf.object} reads like any other.
 */
package org.trufflebpf.link;
