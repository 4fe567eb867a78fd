package org.trufflebpf.helper;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.context.ProgramContexts;
import org.trufflebpf.context.RunInput;
import org.trufflebpf.context.RunOutput;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.object.ProgramSpec;
import org.trufflebpf.runtime.Caller;
import org.trufflebpf.runtime.Environment;
import org.trufflebpf.runtime.Instance;
import org.trufflebpf.runtime.Machine;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.runtime.TraceLine;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.world.WorldReader;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A machine and a run for calls of helpers without a program. */
public final class Bench {
    public final List<TraceLine> trace = new ArrayList<>();
    public final Machine machine;
    public final Run run;
    public final Memory memory;
    private final ProgramType type;
    private RunInput input;
    private long context;

    public Bench(ProgramType type) {
        this(
                type,
                ByteOrder.LITTLE_ENDIAN,
                Environment.DEFAULT,
                (run, function, r1, r2, r3, r4, r5) -> 0);
    }

    public Bench(ProgramType type, ByteOrder order, Environment environment, Caller caller) {
        this(type, order, environment, caller, null);
    }

    private Bench(
            ProgramType type, ByteOrder order, Environment environment, Caller caller, Btf btf) {
        this.type = type;
        machine = new Machine(environment, trace::add, () -> btf);
        run = machine.acquireRun();
        ObjectSpec object =
                new ObjectSpec("test.o", order, "GPL", 0, null, List.of(), List.of(), List.of());
        ProgramSpec program =
                new ProgramSpec(
                        "test",
                        type.label(),
                        type,
                        -1,
                        null,
                        false,
                        false,
                        true,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of());
        run.begin(new Instance(machine, object, List.of()), program, 0, caller);
        memory = run.memory();
    }

    /** In a simulated environment. */
    public Bench(ProgramType type, String world) {
        this(type, world, null);
    }

    /** In a simulated environment, with the BTF of a kernel. */
    public Bench(ProgramType type, String world, Btf btf) {
        this(
                type,
                ByteOrder.LITTLE_ENDIAN,
                new Environment(2, 1, 0, 1 << 24, WorldReader.read("env.json", world), 0),
                (run, function, r1, r2, r3, r4, r5) -> {
                    run.note("called back with " + r3);
                    return 0;
                },
                btf);
    }

    /** Lays out data and context. */
    public Bench enter(byte[] data, byte[] ctx) {
        input = new RunInput(data, ctx, null, 1, 0);
        context = ProgramContexts.of(type).enter(run, input);
        return this;
    }

    public RunOutput leave(long r0) {
        return ProgramContexts.of(type).leave(run, input, r0);
    }

    /** r1 of the program. */
    public long context() {
        return context;
    }

    /** Calls a helper with its arguments checked. */
    public long call(String name, long... args) {
        return call(HelperTable.require(HelperTable.byName(name).number(), type), args);
    }

    /** Calls a helper as a program of another type. */
    public long callAs(ProgramType otherType, String name, long... args) {
        return call(HelperTable.require(HelperTable.byName(name).number(), otherType), args);
    }

    /** Calls a kernel function with its arguments checked. */
    public long kfunc(String name, long... args) {
        return call(KfuncTable.require(name, type), args);
    }

    private long call(HelperRow row, long... args) {
        long[] r = Arrays.copyOf(args, 5);
        return HelperCall.call(run, row, r[0], r[1], r[2], r[3], r[4]);
    }

    /** Memory that a program may write, filled with 0xee. */
    public long buffer(int size) {
        Region region =
                memory.inOrder(memory.order())
                        .allocate(Region.Kind.MAP_VALUE, "buffer", size, true);
        memory.fill(region.start(), size, (byte) 0xee);
        return region.start();
    }

    /** Read-only memory with bytes. */
    public long constant(byte[] bytes) {
        Region region = memory.allocate(Region.Kind.MAP_VALUE, ".rodata", bytes.length, false);
        memory.write(region.start(), bytes);
        return region.start();
    }

    /** A read-only string with its NUL. */
    public long string(String text) {
        return constant((text + "\0").getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A string in memory up to its NUL. */
    public String textAt(long address) {
        StringBuilder text = new StringBuilder();
        for (long at = address; memory.getByte(at) != 0; at++) {
            text.append((char) (memory.getByte(at) & 0xff));
        }
        return text.toString();
    }
}
