/**
 * The command line: arguments enter, exit codes and text leave; programs are reached through
 * polyglot values.
 */
package org.trufflebpf.launcher;
