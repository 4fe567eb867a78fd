package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.trufflebpf.context.RunOutput;
import org.trufflebpf.kernel.KernelBpf;
import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Sequences of helper calls on a packet: the last result and the packet that comes out, here and in
 * the running kernel. A call is written {@code name number number}; r1 is the context.
 */
class PacketHelpersKernelTest {
    static Stream<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        String[] xdp = {
            "xdp_adjust_head -20",
            "xdp_adjust_head -216",
            "xdp_adjust_head -217",
            "xdp_adjust_head 73",
            "xdp_adjust_head 74",
            "xdp_adjust_tail 100",
            "xdp_adjust_tail -73",
            "xdp_adjust_tail -74",
            "xdp_adjust_tail 3433",
            "xdp_adjust_tail 3434",
            "xdp_adjust_meta -4",
            "xdp_adjust_meta -3",
            "xdp_adjust_meta -32",
            "xdp_adjust_meta -216",
            "xdp_adjust_meta -220",
            "xdp_adjust_meta 4",
            "xdp_adjust_meta -8; xdp_adjust_head 10",
            "xdp_adjust_meta -8; xdp_adjust_head -210",
            "xdp_adjust_head -100; xdp_adjust_tail 50; xdp_adjust_head 30",
            "xdp_get_buff_len",
            "redirect 1 0",
            "redirect 1 1",
        };
        add(cases, ProgramType.XDP, Packets.TCP, xdp);
        String[] fragments = {
            "xdp_get_buff_len",
            "xdp_adjust_tail -100",
            "xdp_adjust_tail -1500",
            "xdp_adjust_tail -5480",
            "xdp_adjust_tail -8986",
            "xdp_adjust_tail -8987",
            "xdp_adjust_head 100",
        };
        byte[] large = new byte[9000];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) (i * 7);
        }
        add(cases, ProgramType.XDP, large, fragments);
        String[] skb = {
            "skb_change_head 14 0",
            "skb_change_head 100000 0",
            "skb_change_head 15970 0",
            "skb_change_head 15980 0",
            "skb_change_head 4 1",
            "skb_change_tail 100 0",
            "skb_change_tail 40 0",
            "skb_change_tail 14 0",
            "skb_change_tail 13 0",
            "skb_change_tail 16064 0",
            "skb_change_tail 16065 0",
            "skb_change_tail 40 1",
            "skb_change_proto 56710 0",
            "skb_change_proto 8 0",
            "skb_change_proto 56710 1",
            "skb_change_proto 56710 0; skb_change_proto 8 0",
            "skb_change_type 0",
            "skb_change_type 4",
            "skb_pull_data 0",
            "skb_pull_data 60",
            "skb_pull_data 100",
            "skb_vlan_push 129 8292",
            "skb_vlan_push 129 8292; skb_vlan_push 43144 7",
            "skb_vlan_push 129 5; skb_vlan_push 0 7; skb_vlan_push 129 9",
            "skb_vlan_push 129 5; skb_vlan_push 129 7; skb_vlan_pop",
            "skb_vlan_push 129 5; skb_vlan_push 129 7; skb_vlan_pop; skb_vlan_pop",
            "skb_vlan_pop",
            "skb_vlan_pop; skb_vlan_pop",
            "skb_vlan_pop; skb_vlan_push 129 6; skb_vlan_push 129 8",
            "skb_adjust_room 8 0 0",
            "skb_adjust_room 8 1 0",
            "skb_adjust_room -8 0 0",
            "skb_adjust_room -8 1 0",
            "skb_adjust_room 5000 0 0",
            "skb_adjust_room 8 2 0",
            "skb_adjust_room 8 0 1024",
            "skb_adjust_room -60 0 0",
            "skb_adjust_room -70 1 0",
            "skb_adjust_room 20 1 2",
            "skb_adjust_room 40 1 4",
            "skb_adjust_room 20 1 6",
            "skb_adjust_room 28 1 18",
            "skb_adjust_room 20 1 2; skb_adjust_room 20 1 2",
            "skb_adjust_room 20 1 2; skb_adjust_room -20 1 0",
            "skb_adjust_room -20 1 128",
            "skb_adjust_room -20 1 256",
            "skb_adjust_room -20 1 384",
            "skb_adjust_room 20 1 128",
            "l3_csum_replace 24 0 256 0",
            "l3_csum_replace 24 1 256 0",
            "l3_csum_replace 24 8 9 2",
            "l3_csum_replace 24 8 9 4",
            "l3_csum_replace 24 8 9 3",
            "l3_csum_replace 25 8 9 2",
            "l3_csum_replace 86 8 9 2",
            "l3_csum_replace 24 8 9 16",
            "l4_csum_replace 50 16777226 33554442 20",
            "l4_csum_replace 50 20480 36895 2",
            "l4_csum_replace 50 0 4660 16",
            "l4_csum_replace 50 1 4660 16",
            "l4_csum_replace 50 20480 36895 34",
            "l4_csum_replace 52 20480 36895 34",
            "l4_csum_replace 52 20480 36895 98",
            "l4_csum_replace 50 20480 36895 256",
            "l4_csum_replace 50 20480 36895 128",
            "csum_update 5",
            "csum_level 0",
            "csum_level 1; csum_level 0",
            "csum_level 1; csum_level 1; csum_level 0",
            "csum_level 1; csum_level 1; csum_level 1; csum_level 1; csum_level 1; csum_level 0",
            "csum_level 1; csum_level 2; csum_level 0",
            "csum_level 1; csum_level 3; csum_level 0",
            "csum_level 4",
            "csum_level 1; skb_adjust_room 8 1 0; csum_level 0",
            "csum_level 1; skb_adjust_room 8 1 32; csum_level 0",
            "set_hash 77; get_hash_recalc",
            "skb_ecn_set_ce",
            "skb_ecn_set_ce; skb_ecn_set_ce",
            "skb_set_tstamp 0 0",
            "skb_set_tstamp 5 0",
            "skb_set_tstamp 5 1",
            "skb_set_tstamp 0 1",
            "skb_set_tstamp 5 2",
            "skb_set_tstamp 5 3",
            "get_cgroup_classid",
            "get_route_realm",
            "get_socket_uid",
            "redirect 1 0",
            "redirect 1 1",
            "redirect 1 2",
            "redirect_peer 1 0",
            "redirect_peer 1 1",
            "clone_redirect 999 0",
            "clone_redirect 1 2",
        };
        for (byte[] packet :
                List.of(Packets.TCP, Packets.UDP6, Packets.VLAN, Packets.ARP, Packets.LENGTH)) {
            add(cases, ProgramType.SCHED_CLS, packet, skb);
        }
        String[] network = {
            "skb_change_head 14 0",
            "skb_change_tail 100 0",
            "skb_change_tail 10 0",
            "skb_change_tail 0 0",
            "skb_change_head 100 0; skb_change_tail 20 0",
            "skb_pull_data 73",
            "skb_pull_data 74",
        };
        add(cases, ProgramType.LWT_XMIT, Packets.TCP, network);
        return cases.stream();
    }

    private static void add(
            List<Arguments> cases, ProgramType type, byte[] packet, String... calls) {
        for (String call : calls) {
            cases.add(Arguments.of(type, packet, call));
        }
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("cases")
    void sameResult(ProgramType type, byte[] packet, String calls) {
        assumeTrue(KernelBpf.isPermitted(), () -> "needs the kernel: " + KernelBpf.refusal());
        assertEquals(inKernel(type, packet, calls), here(type, packet, calls));
    }

    private static String here(ProgramType type, byte[] packet, String calls) {
        Bench bench = new Bench(type).enter(packet, null);
        long r0 = 0;
        for (String call : calls.split("; ")) {
            String[] words = call.split(" ");
            boolean context = takesContext(words[0]);
            long[] args = new long[5];
            args[0] = context ? bench.context() : 0;
            for (int i = 1; i < words.length; i++) {
                args[i - (context ? 0 : 1)] = Long.parseLong(words[i]);
            }
            r0 = bench.call(words[0], args);
        }
        RunOutput out = bench.leave(r0);
        return out.retval() + " " + HexFormat.of().formatHex(out.dataOut());
    }

    private static boolean takesContext(String helper) {
        List<HelperArg> args = HelperTable.byName(helper).args();
        return !args.isEmpty() && args.getFirst().kind() == ArgKind.CTX;
    }

    private static String inKernel(ProgramType type, byte[] packet, String calls) {
        Code code = new Code().move(6, 1);
        for (String call : calls.split("; ")) {
            String[] words = call.split(" ");
            int first = 1;
            if (takesContext(words[0])) {
                code.move(1, 6);
                first = 2;
            }
            for (int i = 1; i < words.length; i++) {
                code.insn(0xb7, first + i - 1, 0, 0, Integer.parseInt(words[i]));
            }
            code.call(words[0]);
        }
        int program = KernelBpf.progLoad(type.number(), 0, code.exit().bytes(), "GPL", 0);
        try {
            KernelBpf.TestRun run = KernelBpf.testRun(program, packet, null, 1, 0, 0, 70000, -1);
            return (int) run.retval() + " " + HexFormat.of().formatHex(run.dataOut());
        } finally {
            KernelBpf.close(program);
        }
    }
}
