/** Tests of the verifier: text cases, corpora and their agreement with the running kernel. */
package org.trufflebpf.verifier;
