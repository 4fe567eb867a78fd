/**
 * The language as Truffle sees it: registration, options, context, and objects opened in a context.
 */
@SuppressPackageWarnings({"truffle-inlining", "truffle-sharing"})
package org.trufflebpf;

import com.oracle.truffle.api.dsl.SuppressPackageWarnings;
