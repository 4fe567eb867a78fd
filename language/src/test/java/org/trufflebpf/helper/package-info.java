/**
 * Tests of helpers by direct calls, also against the running kernel; and the documents made of
 * their tables.
 */
package org.trufflebpf.helper;
