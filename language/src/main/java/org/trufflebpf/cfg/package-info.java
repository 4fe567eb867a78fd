/**
 * Control flow. The final instructions of a program enter; its functions leave, each split into
 * basic blocks with successors. Every jump lands on an instruction of its own function, every call
 * on the start of a function, no path runs off an end; code that no path reaches is left out.
 */
package org.trufflebpf.cfg;
