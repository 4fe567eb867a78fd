/** What the tests of every module share; the other modules take it from this module's test jar. */
package org.trufflebpf.testing;
