/**
 * The only place that knows the language's interop members. Options and bytes enter, records leave;
 * whatever goes wrong in an object or a run leaves as {@link
 * org.trufflebpf.launcher.engine.EbpfRunException}, and everything else that is thrown is a bug of
 * ours.
 */
package org.trufflebpf.launcher.engine;
