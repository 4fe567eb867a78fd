package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.world.Socket;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Socket lookup: {@code struct bpf_sk_lookup} describes the connection that looks for its socket.
 */
public final class SkLookupContext implements ProgramContext {
    private static final String NAME = "struct bpf_sk_lookup";
    private static final int SIZE = 72;
    public static final int SK = 0;
    public static final int FAMILY = 8;
    public static final int PROTOCOL = 12;
    private static final int REMOTE_IP4 = 16;
    private static final int REMOTE_IP6 = 20;
    private static final int LOCAL_IP4 = 40;
    private static final int LOCAL_IP6 = 44;
    private static final int LOCAL_PORT = 60;
    private static final int INGRESS_IFINDEX = 64;
    public static final int AF_INET = 2;
    private static final int AF_INET6 = 10;

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.noData(input);
        if (input.ctx() == null) {
            throw BpfException.usage("a sk_lookup program needs ctx_in: a " + NAME + " (EINVAL)");
        }
        byte[] ctx = PacketRules.context(input.ctx(), SIZE, NAME);
        PacketRules.expectZero(ctx, SK, FAMILY, "sk or cookie");
        PacketRules.expectZero(ctx, INGRESS_IFINDEX, SIZE, "ingress_ifindex");
        Memory memory = run.memory();
        long context = run.contextStart();
        run.context().resize(context, context + SIZE);
        memory.write(context, ctx);
        if (Integer.compareUnsigned(memory.getInt(context + LOCAL_PORT), 0xffff) > 0) {
            throw BpfException.usage("ctx_in has a local_port above 65535 (ERANGE)");
        }
        int family = memory.getInt(context + FAMILY) & 0xffff;
        memory.putInt(context + FAMILY, family);
        memory.putInt(context + PROTOCOL, memory.getInt(context + PROTOCOL) & 0xffff);
        // the addresses of the other family read as zero
        switch (family) {
            case AF_INET -> {
                memory.fill(context + REMOTE_IP6, 16, (byte) 0);
                memory.fill(context + LOCAL_IP6, 16, (byte) 0);
            }
            case AF_INET6 -> {
                memory.fill(context + REMOTE_IP4, 4, (byte) 0);
                memory.fill(context + LOCAL_IP4, 4, (byte) 0);
            }
            default ->
                    throw BpfException.usage(
                            "ctx_in has family "
                                    + family
                                    + ", expected 2 (IPv4) or 10 (IPv6) (EAFNOSUPPORT)");
        }
        return context;
    }

    @Override
    public String input() {
        return "ctx_in: struct bpf_sk_lookup, needed; it comes back.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        byte[] ctx = PacketRules.context(input.ctx(), SIZE, NAME);
        Arrays.fill(ctx, SK, FAMILY, (byte) 0);
        Socket selected =
                run.machine().world().socketAt(run.memory().getLong(run.context().start() + SK));
        if (selected != null) {
            ByteBuffer.wrap(ctx).order(run.memory().order()).putLong(SK, selected.cookie());
        }
        return new RunOutput((int) r0, r0, null, ctx);
    }
}
