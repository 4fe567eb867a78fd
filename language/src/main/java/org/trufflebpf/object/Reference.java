package org.trufflebpf.object;

/** What a relocated instruction refers to. */
sealed interface Reference {
    /** The map itself. */
    record ToMap(int map) implements Reference {}

    /** A place in the value of a map. */
    record ToValue(int map, int offset) implements Reference {}

    /** A function: a call or its address. */
    record ToFunction(Function function) implements Reference {}

    /** Something of the environment. */
    record ToExtern(String name, boolean weak, int typeId, boolean function) implements Reference {
        /** Whether a function is meant; without BTF only a call tells. */
        boolean isFunction(boolean called) {
            return function || called;
        }
    }
}
