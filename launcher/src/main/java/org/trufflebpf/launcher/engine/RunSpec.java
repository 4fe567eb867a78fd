package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyObject;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run starts from.
 *
 * @param data the packet, or {@code null}
 * @param ctx the context struct, or {@code null}
 * @param fields the context by its fields, a map, or arguments, a list, or {@code null}; numbers,
 *     texts, maps and lists
 * @param repeat how often to run
 * @param cpu the virtual CPU to run on
 * @param steps nanoseconds by which the clock is moved on after the run
 */
@SuppressWarnings("ArrayRecordComponent")
public record RunSpec(
        byte[] data, byte[] ctx, Object fields, int repeat, int cpu, List<Long> steps) {

    /** A run on a packet. */
    public static RunSpec ofData(byte[] data) {
        return new RunSpec(data, null, null, 1, 0, List.of());
    }

    ProxyObject toProxy() {
        Map<String, Object> members = new HashMap<>();
        members.put("data", data == null ? null : ByteBuffer.wrap(data));
        boolean arguments = fields instanceof List;
        members.put("ctx", ctx != null ? ByteBuffer.wrap(ctx) : arguments ? null : proxy(fields));
        members.put("args", arguments ? proxy(fields) : null);
        members.put("steps", proxy(steps));
        members.put("repeat", repeat);
        members.put("cpu", cpu);
        return ProxyObject.fromMap(members);
    }

    private static Object proxy(Object tree) {
        return switch (tree) {
            case Map<?, ?> map -> {
                Map<String, Object> members = new HashMap<>();
                map.forEach((name, value) -> members.put((String) name, proxy(value)));
                yield ProxyObject.fromMap(members);
            }
            case List<?> list -> ProxyArray.fromArray(list.stream().map(RunSpec::proxy).toArray());
            case null, default -> tree;
        };
    }
}
