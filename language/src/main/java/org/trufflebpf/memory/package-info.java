/**
 * The memory that programs address: one bounded arena per context, in which every object a program
 * may touch (stack, context, packet, map value) is a {@link org.trufflebpf.memory.Region}. Guest
 * addresses are offsets into the arena, below 4 GiB. Whatever address a program computes, nothing
 * outside the arena can be reached.
 */
package org.trufflebpf.memory;
