/**
 * Facts of the kernel's user-space interface ({@code linux/bpf.h}, {@code errno.h}) as tables of
 * rows: program types, attach types, map types, error numbers, flags. They are data, read by every
 * later stage; nothing here has state.
 */
package org.trufflebpf.uapi;
