/**
 * JMH benchmarks: each states what it measures against what, and on which Truffle runtime it runs.
 */
package org.trufflebpf.benchmarks;
