/** Tests of the static linker. */
package org.trufflebpf.link;
