package org.trufflebpf.nodes;

/**
 * The functions of other languages that an embedder put in the place of helpers and kernel
 * functions. A node is made for each call.
 */
public interface GuestFunctions {
    /** No such functions. */
    GuestFunctions NONE =
            new GuestFunctions() {
                @Override
                public GuestFunctionNode helper(int number) {
                    return null;
                }

                @Override
                public boolean hasKfunc(String name) {
                    return false;
                }

                @Override
                public GuestFunctionNode kfunc(String name) {
                    return null;
                }
            };

    /** A node for a call of the helper with that number, {@code null} if it is the kernel's own. */
    GuestFunctionNode helper(int number);

    /** Whether there is a function in place of that kernel function. */
    boolean hasKfunc(String name);

    /** A node for a call of that kernel function, {@code null} if it is the kernel's own. */
    GuestFunctionNode kfunc(String name);
}
