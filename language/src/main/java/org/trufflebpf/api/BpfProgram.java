package org.trufflebpf.api;

import org.graalvm.polyglot.Value;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** A program of an object, ready to run. */
public final class BpfProgram {
    private final Value program;
    private final Listeners listeners;

    BpfProgram(Value program, Listeners listeners) {
        this.program = program;
        this.listeners = listeners;
    }

    public String name() {
        return program.getMember("name").asString();
    }

    /** The program type by libbpf's name, such as {@code xdp} or {@code sched_cls}. */
    public String type() {
        return program.getMember("type").asString();
    }

    /** Loads the program now; without this the first run does. */
    public void load() {
        BpfException.guarded(() -> program.invokeMember("load"));
    }

    /** Runs once over a packet. */
    public BpfResult run(byte[] packet) {
        return run(BpfInput.packet(packet));
    }

    /** Runs once over the remaining bytes of a buffer. */
    public BpfResult run(ByteBuffer packet) {
        return run(BpfInput.packet(packet));
    }

    /** Runs once over the bytes of a segment. */
    public BpfResult run(MemorySegment packet) {
        return run(BpfInput.packet(packet));
    }

    /** Runs without a packet, with the arguments of a traced function if there are any. */
    public BpfResult run(long... args) {
        return run(args.length == 0 ? BpfInput.none() : BpfInput.args(args));
    }

    public BpfResult run(BpfInput input) {
        BpfResult result = BpfException.guarded(() -> BpfResult.of(input.runOn(program)));
        listeners.deliver(result.events());
        return result;
    }

    /**
     * Runs once over each of many packets, which is much faster than as many single runs. The maps
     * keep their contents from one to the next.
     *
     * @throws BpfException if a run fails; what the packets before it did to the maps stays
     */
    public BpfBatch runAll(Iterable<byte[]> packets) {
        BpfBatch batch = BpfException.guarded(() -> new BatchRunner(program).run(packets));
        listeners.deliver(batch.events());
        return batch;
    }

    /** The polyglot value, for what this class does not offer. */
    public Value value() {
        return program;
    }

    @Override
    public String toString() {
        return type() + " program " + name();
    }
}
