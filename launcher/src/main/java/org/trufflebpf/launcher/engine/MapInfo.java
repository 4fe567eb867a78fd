package org.trufflebpf.launcher.engine;

import java.util.Map;

/**
 * What an object says of a map.
 *
 * @param type libbpf's name of the map type
 * @param kind {@code declared}, or the section that the map stands for: {@code rodata}, {@code
 *     data}, {@code bss}, {@code kconfig}
 * @param operations of a struct_ops map the names of the programs by those of their members, in the
 *     order of the structure; else empty
 */
public record MapInfo(
        String name,
        String type,
        long keySize,
        long valueSize,
        long maxEntries,
        long flags,
        String kind,
        Map<String, String> operations) {

    /** Whether the object declares it as a map, which global variables do not. */
    public boolean isDeclared() {
        return "declared".equals(kind);
    }

    /** Whether a person looks for it in a dump: constants are part of the program's text. */
    public boolean holdsState() {
        return !"rodata".equals(kind) && !"kconfig".equals(kind);
    }
}
