package org.trufflebpf.api;

import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.proxy.ProxyArray;
import org.graalvm.polyglot.proxy.ProxyObject;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * What a program is run on, as {@code BPF_PROG_TEST_RUN} takes it. Immutable; each method gives a
 * copy that differs in one thing.
 */
public final class BpfInput {
    private static final BpfInput NOTHING = new BpfInput(Map.of());

    /** Members of the argument of the program's method {@code run}. */
    private final Map<String, Object> members;

    private BpfInput(Map<String, Object> members) {
        this.members = members;
    }

    /** No packet, and the program type's default context. */
    public static BpfInput none() {
        return NOTHING;
    }

    /** A packet, which is copied when the program runs. */
    public static BpfInput packet(byte[] bytes) {
        return packet(ByteBuffer.wrap(bytes));
    }

    /** A packet: the remaining bytes of a buffer, whose position stays where it is. */
    public static BpfInput packet(ByteBuffer bytes) {
        return NOTHING.with("data", bytes.slice());
    }

    /** A packet in any memory of up to 2 GiB. */
    public static BpfInput packet(MemorySegment bytes) {
        return packet(bytes.asByteBuffer());
    }

    /** The arguments of the traced function, for the types whose context is an array of them. */
    public static BpfInput args(long... args) {
        Object[] numbers = new Object[args.length];
        for (int i = 0; i < args.length; i++) {
            numbers[i] = args[i];
        }
        return NOTHING.with("args", ProxyArray.fromArray(numbers));
    }

    /** The context structure as bytes, such as a {@code struct __sk_buff}. */
    public BpfInput ctx(byte[] bytes) {
        return with("ctx", ByteBuffer.wrap(bytes));
    }

    /** The virtual CPU to run on; 0 by default. */
    public BpfInput cpu(int cpu) {
        return with("cpu", cpu);
    }

    /** How often to run over this one input; once by default. */
    public BpfInput repeat(int repeat) {
        return with("repeat", repeat);
    }

    private BpfInput with(String name, Object value) {
        Map<String, Object> more = new HashMap<>(members);
        more.put(name, value);
        return new BpfInput(Map.copyOf(more));
    }

    Value runOn(Value program) {
        return program.invokeMember("run", ProxyObject.fromMap(new HashMap<>(members)));
    }
}
