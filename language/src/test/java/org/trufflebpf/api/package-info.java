/** The Java API, through the JUnit extension that stands on it. */
package org.trufflebpf.api;
