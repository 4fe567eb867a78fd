/** Runs the polyglot TCK over the language. */
package org.trufflebpf.tck;
