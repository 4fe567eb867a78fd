/**
 * The language as Truffle sees it: its registration, and nothing of how a program is read or run.
 */
package org.trufflebpf;
