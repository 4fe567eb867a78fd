package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;

/**
 * Netfilter: {@code struct bpf_nf_ctx} with pointers to {@code struct nf_hook_state}, whose numbers
 * can be read, and to the skb, which is a kernel object without bytes here. {@code ctx_in} is a
 * {@code struct nf_hook_state} that sets hook and protocol family.
 */
final class NetfilterContext implements ProgramContext {
    private static final String NAME = "struct nf_hook_state";
    private static final int CONTEXT_SIZE = 16;
    private static final int STATE_SIZE = 48;
    private static final int HOOK = 0;
    private static final int PF = 1;
    private static final int IPV4 = 2;
    private static final int IPV6 = 10;
    private static final int LOCAL_OUT = 3;
    private static final int MAX_SIZE = PacketRules.PAGE_SIZE - 64 - PacketRules.TAILROOM;

    @Override
    public long enter(Run run, RunInput input) {
        PacketRules.size(input.data(), 20, MAX_SIZE);
        byte[] given =
                input.ctx() == null
                        ? new byte[0]
                        : PacketRules.context(input.ctx(), STATE_SIZE, NAME);
        int hook = given.length == 0 ? LOCAL_OUT : given[HOOK];
        int family = given.length == 0 ? IPV4 : given[PF];
        if (given.length > 0) {
            PacketRules.expectZero(given, 8, STATE_SIZE, "a pointer");
            if (family != IPV4 && family != IPV6) {
                throw BpfException.usage(
                        "ctx_in has pf " + family + ", expected 2 (IPv4) or 10 (IPv6) (EINVAL)");
            }
        }
        if (hook != LOCAL_OUT) {
            checkFrame(input.data(), family);
        }
        Memory memory = run.memory();
        long context = run.contextStart();
        long state = run.objectStart();
        run.context().resize(context, context + CONTEXT_SIZE);
        run.object().resize(state, state + STATE_SIZE);
        memory.fill(state, STATE_SIZE, (byte) 0);
        memory.putByte(state + HOOK, (byte) hook);
        memory.putByte(state + PF, (byte) family);
        memory.putLong(context, state);
        memory.putLong(context + 8, run.machine().opaque("skb"));
        return context;
    }

    /** Hooks other than LOCAL_OUT take an Ethernet frame of their family. */
    private static void checkFrame(byte[] frame, int family) {
        int type = Byte.toUnsignedInt(frame[12]) << 8 | Byte.toUnsignedInt(frame[13]);
        int expected = family == IPV4 ? 0x0800 : 0x86dd;
        int header = family == IPV4 ? 20 : 40;
        if (type != expected || frame.length < Packet.ETH_HLEN + header) {
            throw BpfException.usage(
                    "data_in is no Ethernet frame of type 0x"
                            + Integer.toHexString(expected)
                            + " with a whole IP header (EINVAL)");
        }
    }

    @Override
    public String input() {
        return "data_in: an IP packet, for hooks other than LOCAL_OUT an Ethernet frame; ctx_in:"
                + " struct nf_hook_state with hook and pf.";
    }

    @Override
    public RunOutput leave(Run run, RunInput input, long r0) {
        return new RunOutput((int) r0, r0, null, null);
    }
}
