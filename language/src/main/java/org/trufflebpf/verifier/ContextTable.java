package org.trufflebpf.verifier;

import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What programs may read and write of their context, field by field, as the kernel's {@code
 * is_valid_access} functions have it. A layout has one row for each field: name, offset, bytes, how
 * it may be read and written, and what a read gives. {@code n}: any aligned part up to the unit of
 * 4 bytes (or the field, if it is larger or smaller), {@code f}: the unit only, {@code a}: any
 * aligned part of the field, {@code 8}: 8 bytes, {@code -}: not at all. A use names the fields that
 * a program type does not have and those that it may write.
 */
final class ContextTable {
    private static final String LAYOUTS =
            """
            skb 192
              len 0 4 n -
              pkt_type 4 4 n -
              mark 8 4 n f
              queue_mapping 12 4 n f
              protocol 16 4 n -
              vlan_present 20 4 n -
              vlan_tci 24 4 n -
              vlan_proto 28 4 n -
              priority 32 4 n f
              ingress_ifindex 36 4 n -
              ifindex 40 4 n -
              tc_index 44 4 n f
              cb 48 20 a a
              hash 68 4 n -
              tc_classid 72 4 n f
              data 76 4 f - pkt
              data_end 80 4 f - pkt_end
              napi_id 84 4 n -
              family 88 4 n -
              remote_ip4 92 4 f -
              local_ip4 96 4 f -
              remote_ip6 100 16 f -
              local_ip6 116 16 f -
              remote_port 132 4 n -
              local_port 136 4 n -
              data_meta 140 4 f - pkt_meta
              flow_keys 144 8 8 - flow_keys
              tstamp 152 8 8 8
              wire_len 160 4 n -
              gso_segs 164 4 n -
              sk 168 8 8 - sock_common|null
              gso_size 176 4 n -
              tstamp_type 180 1 a -
              hwtstamp 184 8 8 -
            xdp 24
              data 0 4 f - pkt
              data_end 4 4 f - pkt_end
              data_meta 8 4 f - pkt_meta
              ingress_ifindex 12 4 f -
              rx_queue_index 16 4 f -
              egress_ifindex 20 4 f -
            sock 80
              bound_dev_if 0 4 f f
              family 4 4 n -
              type 8 4 n -
              protocol 12 4 n -
              mark 16 4 f f
              priority 20 4 f f
              src_ip4 24 4 n -
              src_ip6 28 16 n -
              src_port 44 4 n -
              dst_port 48 2 n -
              dst_ip4 52 4 n -
              dst_ip6 56 16 n -
              state 72 4 n -
              rx_queue_mapping 76 4 n -
            sock_addr 72
              user_family 0 4 f -
              user_ip4 4 4 n f
              user_ip6 8 16 w w
              user_port 24 4 n f
              family 28 4 f -
              type 32 4 f -
              protocol 36 4 f -
              msg_src_ip4 40 4 n f
              msg_src_ip6 44 16 w w
              sk 64 8 8 - sock
            sock_ops 224
              op 0 4 f -
              reply 4 4 f f
              args 8 12 f -
              family 20 4 f -
              remote_ip4 24 4 f -
              local_ip4 28 4 f -
              remote_ip6 32 16 f -
              local_ip6 48 16 f -
              numbers 64 100 f -
              sk_txhash 164 4 f f
              bytes_received 168 8 8 -
              bytes_acked 176 8 8 -
              sk 184 8 8 - sock|null
              skb_data 192 8 8 - pkt
              skb_data_end 200 8 8 - pkt_end
              skb_len 208 4 f -
              skb_tcp_flags 212 4 n -
              skb_hwtstamp 216 8 8 -
            cgroup_dev 12
              access_type 0 4 n -
              major 4 4 f -
              minor 8 4 f -
            sysctl 8
              write 0 4 n -
              file_pos 4 4 n f
            sockopt 40
              sk 0 8 8 - sock
              optval 8 8 8 - pkt
              optval_end 16 8 8 - pkt_end
              level 24 4 f f
              optname 28 4 f f
              optlen 32 4 f f
              retval 36 4 f f
            sk_msg 80
              data 0 8 8 - pkt
              data_end 8 8 8 - pkt_end
              numbers 16 56 f -
              sk 72 8 8 - sock
            sk_reuseport 56
              data 0 8 8 - pkt
              data_end 8 8 8 - pkt_end
              len 16 4 n -
              eth_protocol 20 4 n -
              ip_protocol 24 4 n -
              bind_inany 28 4 n -
              hash 32 4 f -
              sk 40 8 8 - sock
              migrating_sk 48 8 8 - sock_common|null
            sk_lookup 72
              sk 0 8 8 - sock|null
              family 8 4 n -
              protocol 12 4 n -
              remote_ip4 16 4 n -
              remote_ip6 20 16 n -
              remote_port 36 4 p -
              local_ip4 40 4 n -
              local_ip6 44 16 n -
              local_port 60 4 n -
              ingress_ifindex 64 4 n -
            perf_event 184
              regs 0 168 8 -
              sample_period 168 8 a -
              addr 176 8 a -
            pt_regs 168
              regs 0 168 a -
            trace 8192
              fields 8 8184 a -
            raw_args 96
              args 0 96 a -
            raw_args_writable 96
              buffer 0 8 8 - tp_buffer
              args 8 88 a -
            lirc 4
              sample 0 4 f -
            syscall 65535
              all 0 65535 a a
            """;

    private static final String FAMILY =
            "family remote_ip4 local_ip4 remote_ip6 local_ip6 remote_port local_port";

    /** Program type, layout, fields that are not there, fields that may be written. */
    private static final String USES =
            """
            socket_filter: skb: tc_classid data data_meta data_end FAMILY tstamp wire_len hwtstamp flow_keys tstamp_type: cb
            sched_cls: skb: FAMILY flow_keys: mark tc_index priority tc_classid cb tstamp queue_mapping
            sched_act: skb: FAMILY flow_keys: mark tc_index priority tc_classid cb tstamp queue_mapping
            cgroup_skb: skb: tc_classid data_meta wire_len flow_keys tstamp_type: mark priority cb tstamp
            lwt_in: skb: tc_classid FAMILY data_meta tstamp wire_len hwtstamp flow_keys tstamp_type: mark priority cb
            lwt_out: skb: tc_classid FAMILY data_meta tstamp wire_len hwtstamp flow_keys tstamp_type: mark priority cb
            lwt_xmit: skb: tc_classid FAMILY data_meta tstamp wire_len hwtstamp flow_keys tstamp_type: mark priority cb
            lwt_seg6local: skb: tc_classid FAMILY data_meta tstamp wire_len hwtstamp flow_keys tstamp_type: mark priority cb
            sk_skb: skb: mark tc_classid data_meta tstamp wire_len hwtstamp flow_keys tstamp_type: tc_index priority
            flow_dissector: skb: len pkt_type mark queue_mapping protocol vlan_present vlan_tci vlan_proto priority ingress_ifindex ifindex tc_index cb hash tc_classid napi_id FAMILY data_meta tstamp wire_len gso_segs sk gso_size tstamp_type hwtstamp:
            xdp: xdp::
            cgroup_sock: sock:: bound_dev_if mark priority
            cgroup_sock_addr: sock_addr:: user_ip4 user_ip6 user_port msg_src_ip4 msg_src_ip6
            sock_ops: sock_ops:: reply sk_txhash
            cgroup_device: cgroup_dev::
            cgroup_sysctl: sysctl:: file_pos
            cgroup_sockopt: sockopt:: level optname optlen retval
            sk_msg: sk_msg::
            sk_reuseport: sk_reuseport::
            sk_lookup: sk_lookup::
            perf_event: perf_event::
            kprobe: pt_regs::
            tracepoint: trace::
            raw_tracepoint: raw_args::
            raw_tracepoint_writable: raw_args_writable::
            lirc_mode2: lirc::
            syscall: syscall:: all
            """;

    /** One field. */
    record Field(
            String name,
            int offset,
            int bytes,
            char read,
            char write,
            RegType result,
            boolean nullable) {
        boolean covers(int off, int size) {
            return off >= offset && off + size <= offset + bytes;
        }

        /** Whether an access of this width is allowed by a mode. */
        boolean fits(char mode, int off, int size) {
            if (off % size != 0) {
                return false;
            }
            int unit = Math.min(bytes, 4);
            return switch (mode) {
                case 'n' -> size <= unit;
                case 'f' -> size == 4;
                case 'a' -> true;
                case '8' -> size == 8;
                case 'w' -> size <= 4 || (size == 8 && (off - offset) % 8 == 0);
                case 'p' -> size == 4 ? off == offset : off + size <= offset + 2;
                default -> false;
            };
        }

        boolean fitsWrite(int off, int size) {
            return write == 'w' ? size == 4 || size == 8 : fits(write, off, size);
        }
    }

    /** A context as a program type sees it. */
    record Context(String layout, int size, List<Field> fields, Set<String> writable) {
        Field at(int off, int size) {
            for (Field field : fields) {
                if (field.covers(off, size)) {
                    return field;
                }
            }
            return null;
        }
    }

    private static final Map<ProgramType, Context> CONTEXTS = build();

    private ContextTable() {}

    /** The context of a type, or {@code null} where its fields come from the kernel's types. */
    static Context of(ProgramType type) {
        return CONTEXTS.get(type);
    }

    /** Whether each run's context has all the fields: in the others the input decides. */
    static boolean hasFixedSize(ProgramType type) {
        return switch (type) {
            case SYSCALL, TRACEPOINT, RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE -> false;
            default -> CONTEXTS.containsKey(type);
        };
    }

    private static Map<ProgramType, Context> build() {
        Map<String, List<Field>> layouts = new HashMap<>();
        Map<String, Integer> sizes = new HashMap<>();
        List<Field> fields = null;
        for (String line : LAYOUTS.lines().toList()) {
            String[] columns = line.strip().split(" ");
            if (line.charAt(0) != ' ') {
                fields = new ArrayList<>();
                layouts.put(columns[0], fields);
                sizes.put(columns[0], Integer.parseInt(columns[1]));
                continue;
            }
            String result = columns.length > 5 ? columns[5] : "scalar";
            boolean nullable = result.endsWith("|null");
            String typeName = nullable ? result.substring(0, result.length() - 5) : result;
            RegType type = null;
            for (RegType candidate : RegType.values()) {
                if (candidate.text().equals(typeName)) {
                    type = candidate;
                }
            }
            fields.add(
                    new Field(
                            columns[0],
                            Integer.parseInt(columns[1]),
                            Integer.parseInt(columns[2]),
                            columns[3].charAt(0),
                            columns[4].charAt(0),
                            type,
                            nullable));
        }
        Map<ProgramType, Context> contexts = new EnumMap<>(ProgramType.class);
        for (String line : USES.lines().toList()) {
            String[] parts = line.replace("FAMILY", FAMILY).split(":", -1);
            Set<String> hidden = words(parts[2]);
            List<Field> seen =
                    layouts.get(parts[1].strip()).stream()
                            .filter(field -> !hidden.contains(field.name()))
                            .toList();
            contexts.put(
                    ProgramType.byLabel(parts[0].strip()),
                    new Context(
                            parts[1].strip(), sizes.get(parts[1].strip()), seen, words(parts[3])));
        }
        return contexts;
    }

    private static Set<String> words(String text) {
        return text.isBlank() ? Set.of() : new HashSet<>(List.of(text.strip().split(" ")));
    }
}
