package org.trufflebpf.helper;

import org.trufflebpf.context.NetworkBytes;
import org.trufflebpf.context.Packet;
import org.trufflebpf.context.SkBuff;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;

import java.util.Map;

/**
 * VLAN tags. The outermost tag stands beside the packet, as hardware gives it; only a second one is
 * written into the packet, behind the Ethernet addresses.
 */
final class VlanHelpers {
    private static final int TAG = 4;
    private static final int ADDRESSES = 12;

    private VlanHelpers() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put(
                "skb_vlan_push",
                (run, skb, proto, tci, r4, r5) -> push(run, skb, (int) proto, (int) tci & 0xffff));
        all.put("skb_vlan_pop", (run, skb, r2, r3, r4, r5) -> pop(run, skb));
    }

    private static long push(Run run, long skb, int proto, int tci) {
        Memory memory = run.memory();
        int type = NetworkBytes.raw(memory, proto);
        if (isPresent(memory, skb)) {
            int outer = NetworkBytes.raw(memory, memory.getInt(skb + SkBuff.VLAN_PROTO));
            Packet packet = Packet.of(run);
            SkbShapeHelpers.push(run, ADDRESSES, TAG);
            NetworkBytes.putShort(memory, packet.data() + ADDRESSES, outer);
            NetworkBytes.putShort(
                    memory, packet.data() + ADDRESSES + 2, memory.getInt(skb + SkBuff.VLAN_TCI));
            SkbShapeHelpers.setProtocol(run, skb, outer);
        }
        setTag(memory, skb, EtherType.isVlan(type) ? type : EtherType.VLAN, tci);
        return 0;
    }

    private static long pop(Run run, long skb) {
        Memory memory = run.memory();
        if (isPresent(memory, skb)) {
            memory.putInt(skb + SkBuff.VLAN_PRESENT, 0);
            memory.putInt(skb + SkBuff.VLAN_TCI, 0);
            memory.putInt(skb + SkBuff.VLAN_PROTO, 0);
        } else {
            if (!EtherType.isVlan(SkbShapeHelpers.protocol(run, skb))) {
                return 0;
            }
            if (take(run, skb) < 0) {
                return Errno.ENOMEM.negative();
            }
        }
        // the tag behind the one that is gone moves beside the packet
        int next = SkbShapeHelpers.protocol(run, skb);
        if (EtherType.isVlan(next)) {
            int tci = take(run, skb);
            if (tci < 0) {
                return Errno.ENOMEM.negative();
            }
            setTag(memory, skb, next, tci);
        }
        return 0;
    }

    /** Takes the tag out of the packet, or returns -1 if the packet is too short for one. */
    private static int take(Run run, long skb) {
        Packet packet = Packet.of(run);
        if (packet.length() < Packet.ETH_HLEN + TAG) {
            return -1;
        }
        Memory memory = run.memory();
        int tci = NetworkBytes.getShort(memory, packet.data() + ADDRESSES + 2);
        int inner = NetworkBytes.getShort(memory, packet.data() + ADDRESSES + TAG);
        if (inner < 0x600) {
            boolean novell =
                    packet.length() >= 20
                            && NetworkBytes.getShort(memory, packet.data() + ADDRESSES + TAG + 2)
                                    == 0xffff;
            inner = novell ? 1 : 4; // ETH_P_802_3, ETH_P_802_2
        }
        long network = packet.networkHeader();
        SkbShapeHelpers.pop(run, ADDRESSES, TAG);
        packet.setHeaders(packet.macHeader(), Math.max(network, packet.data() + Packet.ETH_HLEN));
        SkbShapeHelpers.setProtocol(run, skb, inner);
        return tci;
    }

    private static boolean isPresent(Memory memory, long skb) {
        return memory.getInt(skb + SkBuff.VLAN_PRESENT) != 0;
    }

    private static void setTag(Memory memory, long skb, int type, int tci) {
        memory.putInt(skb + SkBuff.VLAN_PRESENT, 1);
        memory.putInt(skb + SkBuff.VLAN_TCI, tci);
        memory.putInt(skb + SkBuff.VLAN_PROTO, NetworkBytes.raw(memory, type));
    }
}
