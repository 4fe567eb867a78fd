/** BPF among other languages: tests with the real GraalJS, GraalPy and GraalWasm. */
package org.trufflebpf.polyglot;
