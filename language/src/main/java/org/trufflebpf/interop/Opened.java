package org.trufflebpf.interop;

import org.trufflebpf.LoadedObject;

/**
 * An object opened in a context, and the layouts of its types.
 *
 * @param object the object
 * @param layouts of the types in the object's BTF
 */
record Opened(LoadedObject object, Layouts layouts) {}
