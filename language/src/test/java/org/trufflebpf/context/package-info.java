/** Tests of program contexts: what goes in and comes out, also against the running kernel. */
package org.trufflebpf.context;
