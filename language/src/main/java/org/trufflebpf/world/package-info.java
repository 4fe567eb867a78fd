/**
 * The simulated environment: tasks, cgroups, sockets, interfaces and routes that stand in for those
 * of a machine. A {@link org.trufflebpf.world.WorldSpec}, read from JSON, enters; {@link
 * org.trufflebpf.world.World} makes live objects of it and lays them out in guest memory, by the
 * target's BTF, when a program first gets hold of their address. The same description gives the
 * same world, and what a program changes belongs to one context.
 */
package org.trufflebpf.world;
