/** Tests of the simulated environment. */
package org.trufflebpf.world;
