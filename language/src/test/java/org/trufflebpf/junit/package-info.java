/** The JUnit extension, with tests that use it and tests that it runs. */
package org.trufflebpf.junit;
