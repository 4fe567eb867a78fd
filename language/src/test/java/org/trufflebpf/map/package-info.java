/** Tests of the maps: every operation of every type, also against the running kernel's maps. */
package org.trufflebpf.map;
