package org.trufflebpf.launcher.engine;

/**
 * What an object says of a program.
 *
 * @param type libbpf's name of the program type
 * @param attachType libbpf's name of the expected attach type, or {@code null}
 * @param attachTarget the function, tracepoint or hook it attaches to, or {@code null}
 * @param insnCount instructions in 8-byte slots
 */
public record ProgramInfo(
        String name,
        String section,
        String type,
        String attachType,
        String attachTarget,
        boolean sleepable,
        boolean autoload,
        long insnCount) {}
