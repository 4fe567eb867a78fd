/**
 * What can be wrong with an input, and where. Every stage of the pipeline throws {@link
 * org.trufflebpf.failure.BpfException}; nothing else leaves a stage for bad input.
 */
package org.trufflebpf.failure;
