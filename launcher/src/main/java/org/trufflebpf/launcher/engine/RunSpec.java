package org.trufflebpf.launcher.engine;

import org.graalvm.polyglot.proxy.ProxyObject;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * What a run starts from.
 *
 * @param data the packet, or {@code null}
 * @param ctx the context struct, or {@code null}
 * @param repeat how often to run
 * @param cpu the virtual CPU to run on
 */
@SuppressWarnings("ArrayRecordComponent")
public record RunSpec(byte[] data, byte[] ctx, int repeat, int cpu) {

    ProxyObject toProxy() {
        Map<String, Object> members = new HashMap<>();
        members.put("data", data == null ? null : ByteBuffer.wrap(data));
        members.put("ctx", ctx == null ? null : ByteBuffer.wrap(ctx));
        members.put("args", null);
        members.put("repeat", repeat);
        members.put("cpu", cpu);
        return ProxyObject.fromMap(members);
    }
}
