/**
 * The command line: arguments enter, exit statuses and text or JSON leave. Programs are reached
 * through the {@code engine} package only; nothing is loaded, parsed or rendered before it is
 * needed.
 */
package org.trufflebpf.launcher;
