package org.trufflebpf.helper;

import org.trufflebpf.context.Packet;
import org.trufflebpf.context.SkBuff;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.Errno;
import org.trufflebpf.uapi.ProgramType;

import java.util.HashMap;
import java.util.Map;

/**
 * Pointers seen as other types: the kernel's structure behind a context, anything as a read-only
 * structure; and what a driver would know of a packet, which no device told here.
 */
final class ContextKfuncs {
    private ContextKfuncs() {}

    static void addTo(Map<String, HelperFunction> all) {
        all.put("rdonly_cast", (run, object, type, r3, r4, r5) -> object);
        all.put("cast_to_kern_ctx", (run, context, r2, r3, r4, r5) -> kernelContext(run, context));
        for (String name : new String[] {"timestamp", "hash", "vlan_tag"}) {
            // as for a program that is not bound to a device
            all.put(
                    "xdp_metadata_rx_" + name,
                    (run, context, r2, r3, r4, r5) -> Errno.EOPNOTSUPP.negative());
        }
    }

    /** The {@code struct sk_buff} or {@code struct xdp_buff} of a run, as far as it is known. */
    private static long kernelContext(Run run, long context) {
        ProgramType type = run.program().type();
        Packet packet = Packet.of(run);
        if (packet == null) {
            throw BpfException.trap(
                    "bpf_cast_to_kern_ctx: what the kernel has behind the context of type "
                            + type.label()
                            + " is not known");
        }
        Memory memory = run.memory();
        Map<String, Object> fields = new HashMap<>();
        String struct;
        if (type == ProgramType.XDP) {
            struct = "xdp_buff";
            fields.put("data", packet.data());
            fields.put("data_end", packet.end());
            fields.put("data_meta", packet.meta());
        } else {
            struct = "sk_buff";
            fields.put("len", (long) memory.getInt(context + SkBuff.LEN));
            fields.put("mark", (long) memory.getInt(context + SkBuff.MARK));
            fields.put("priority", (long) memory.getInt(context + SkBuff.PRIORITY));
            fields.put("hash", (long) memory.getInt(context + SkBuff.HASH));
            fields.put("skb_iif", (long) memory.getInt(context + SkBuff.INGRESS_IFINDEX));
            fields.put("protocol", (long) memory.getInt(context + SkBuff.PROTOCOL));
            fields.put("data", packet.data());
        }
        return run.machine().world().image(struct, struct + " of run " + context, fields);
    }
}
