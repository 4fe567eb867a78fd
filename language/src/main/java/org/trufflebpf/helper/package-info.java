/**
 * Helpers and kernel functions. A call with up to five arguments enters, r0 leaves; what a helper
 * is called, what its arguments mean and who may call it stand in one row of {@link
 * org.trufflebpf.helper.HelperTable}. Arguments are held to their kinds before an implementation
 * sees them.
 */
package org.trufflebpf.helper;
