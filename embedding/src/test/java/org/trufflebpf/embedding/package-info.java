/** A consumer of the artifact {@code embedding}. */
package org.trufflebpf.embedding;
