/**
 * State. {@link org.trufflebpf.runtime.Machine} is the simulated machine of one context, {@link
 * org.trufflebpf.runtime.Instance} an object loaded into it, {@link org.trufflebpf.runtime.Run} one
 * execution on one virtual CPU. Parsed code holds none of it.
 */
package org.trufflebpf.runtime;
