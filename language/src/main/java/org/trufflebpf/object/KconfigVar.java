package org.trufflebpf.object;

/**
 * A {@code __kconfig} extern: a variable in the map {@code .kconfig} whose value comes from the
 * environment.
 *
 * @param name {@code CONFIG_*} or {@code LINUX_*}
 * @param offset in the map's value
 * @param size bytes
 * @param kind how its value is written
 * @param signed for {@link Kind#INT} and {@link Kind#CHAR}
 * @param weak 0 when the environment does not say
 */
public record KconfigVar(
        String name, int offset, int size, Kind kind, boolean signed, boolean weak) {
    /** The C types that a Kconfig value can have. */
    public enum Kind {
        CHAR,
        BOOL,
        INT,
        /** {@code enum libbpf_tristate}: 0 no, 1 yes, 2 module. */
        TRISTATE,
        /** A char array. */
        STRING
    }
}
