package org.trufflebpf.context;

import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * Flow dissectors: {@code struct __sk_buff} with the Ethernet frame and a pointer to {@code struct
 * bpf_flow_keys}, which the program fills in and which comes back as data.
 */
final class FlowDissectorContext implements ProgramContext {
    private static final String NAME = "struct bpf_flow_keys";
    private static final int KEYS_SIZE = 56;
    private static final int NHOFF = 0;
    private static final int THOFF = 2;
    private static final int N_PROTO = 10;
    private static final int FLAGS = 48;
    private static final int MAX_SIZE = PacketRules.PAGE_SIZE;
    private static final Packet.Layout LAYOUT =
            new Packet.Layout(SkBuff.DATA, SkBuff.DATA_END, -1, -1);

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.size(input.data(), Packet.ETH_HLEN, MAX_SIZE);
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + SkBuff.SIZE);
        memory.fill(context, SkBuff.SIZE, (byte) 0);
        long frame = run.packetStart();
        int size = input.data().length;
        memory.write(frame, input.data());
        Packet packet = new Packet(run, LAYOUT);
        packet.place(frame, frame + size);
        packet.setBounds(frame, frame, frame + size);
        packet.setHeaders(frame, frame + Packet.ETH_HLEN);
        run.setExtension(packet);
        packet.publish();
        long keys = run.objectStart();
        run.object().resize(keys, keys + KEYS_SIZE);
        memory.putLong(context + SkBuff.FLOW_KEYS, keys);
        repeat(run, input);
        return context;
    }

    /** Each repetition starts with fresh keys. */
    @Override
    public boolean preparesRepetitions() {
        return true;
    }

    @Override
    public void repeat(Run run, RunInput input) {
        Memory memory = run.memory();
        long keys = run.object().start();
        memory.fill(keys, KEYS_SIZE, (byte) 0);
        memory.putShort(keys + NHOFF, (short) Packet.ETH_HLEN);
        memory.putShort(keys + THOFF, (short) Packet.ETH_HLEN);
        memory.copy(run.packetStart() + 12, keys + N_PROTO, 2);
        if (input.ctx() != null) {
            byte[] given = PacketRules.context(input.ctx(), KEYS_SIZE, NAME);
            PacketRules.expectZero(given, 0, FLAGS, "a field before flags");
            PacketRules.expectZero(given, FLAGS + 4, KEYS_SIZE, "flow_label");
            memory.write(keys + FLAGS, given, FLAGS, 4);
        }
    }

    @Override
    public String input() {
        return "data_in: an Ethernet frame; ctx_in: struct bpf_flow_keys with flags. struct"
                + " bpf_flow_keys comes back as data.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        Memory memory = run.memory();
        long keys = run.object().start();
        int size = Packet.of(run).length();
        // the kernel keeps the offsets within the packet
        int nhoff =
                Math.clamp(
                        Short.toUnsignedInt(memory.getShort(keys + NHOFF)), Packet.ETH_HLEN, size);
        memory.putShort(keys + NHOFF, (short) nhoff);
        memory.putShort(
                keys + THOFF,
                (short)
                        Math.clamp(
                                Short.toUnsignedInt(memory.getShort(keys + THOFF)), nhoff, size));
        byte[] ctxOut =
                input.ctx() == null ? null : PacketRules.context(input.ctx(), KEYS_SIZE, NAME);
        return new RunOutput((int) r0, r0, memory.read(keys, KEYS_SIZE), ctxOut);
    }
}
