/**
 * What other languages see: objects, programs, maps, results and errors as interop values. An
 * embedder's arguments enter, conversions are range-checked, and every failure of the guest leaves
 * as an {@link org.trufflebpf.interop.EbpfError} with its place as members.
 */
@SuppressPackageWarnings({"truffle-inlining", "truffle-sharing"})
package org.trufflebpf.interop;

import com.oracle.truffle.api.dsl.SuppressPackageWarnings;
