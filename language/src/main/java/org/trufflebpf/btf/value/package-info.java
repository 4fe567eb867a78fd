/**
 * Values as people write them. Bytes and a BTF type enter and a tree of names and numbers leaves,
 * or the other way: text from a command line enters and bytes leave. Every value that does not fit
 * its type is refused, never cut off.
 */
package org.trufflebpf.btf.value;
