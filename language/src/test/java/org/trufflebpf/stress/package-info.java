/**
 * What threads see of each other in maps, tested with jcstress: each class is one race, with the
 * outcomes that the kernel allows. {@link org.trufflebpf.stress.StressTest} runs them.
 */
package org.trufflebpf.stress;
