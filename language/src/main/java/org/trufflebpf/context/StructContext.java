package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * Types whose context is a structure of the kernel's user-space interface that comes as bytes and
 * goes back as bytes. Some of them point to a buffer with {@code data_in}. The kernel has no test
 * run for them.
 */
final class StructContext implements ProgramContext {
    /**
     * Where the context tells of a buffer.
     *
     * @param start offset of the 64-bit pointer to its start
     * @param end offset of the pointer behind its end
     * @param length offset of the 32-bit length of what was given
     * @param least bytes that it has at least, zeros behind what was given
     */
    record Buffer(int start, int end, int length, int least) {
        Buffer(int start, int end, int length) {
            this(start, end, length, 0);
        }
    }

    private final String name;
    private final int size;
    private final Buffer buffer;

    StructContext(String name, int size, Buffer buffer) {
        this.name = name;
        this.size = size;
        this.buffer = buffer;
    }

    @Override
    public long enter(Run run, RunInput input) {
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + size);
        memory.write(
                context,
                PacketRules.context(input.ctx() == null ? new byte[0] : input.ctx(), size, name));
        if (buffer == null) {
            PacketRules.noData(input);
        } else {
            int length = input.data() == null ? 0 : input.data().length;
            if (length > Run.PACKET_SPACE) {
                throw BpfException.usage(
                        "data_in has " + length + " bytes, expected at most " + Run.PACKET_SPACE);
            }
            long start = run.packetStart();
            int room = Math.max(length, buffer.least);
            memory.fill(start, room, (byte) 0);
            if (length > 0) {
                memory.write(start, input.data());
            }
            run.usePacket(start + room);
            run.packet().resize(start, start + room);
            memory.putLong(context + buffer.start, start);
            memory.putLong(context + buffer.end, start + room);
            memory.putInt(context + buffer.length, length);
        }
        return context;
    }

    @Override
    public String input() {
        return "ctx_in: "
                + name
                + (buffer == null ? "" : "; data_in: the buffer it points to")
                + ". Comes back.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        Memory memory = run.memory();
        byte[] data =
                buffer == null
                        ? null
                        : memory.read(run.packet().start(), (int) run.packet().size());
        return new RunOutput((int) r0, r0, data, memory.read(run.context().start(), size));
    }
}
