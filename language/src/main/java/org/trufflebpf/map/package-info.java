/**
 * Maps. A {@link org.trufflebpf.object.MapSpec} enters with the memory it may use; a {@link
 * org.trufflebpf.map.BpfMap} leaves. Values live in the arena at stable addresses, so that a
 * pointer that a lookup gave stays valid; operations return what the kernel's return, errno
 * included, from any thread.
 */
package org.trufflebpf.map;
