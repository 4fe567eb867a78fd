package org.trufflebpf.context;

import org.trufflebpf.object.Architecture;
import org.trufflebpf.object.ObjectSpec;
import org.trufflebpf.uapi.ProgramType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The structure that programs of a type have as their context, field by field as {@code
 * linux/bpf.h} declares it: for contexts given and shown by their fields, whatever BTF the object
 * has.
 *
 * @param name of the C structure
 * @param size its bytes
 * @param fields in the order of their offsets
 */
public record ContextStruct(String name, int size, List<Field> fields) {
    /**
     * A field.
     *
     * @param name in C
     * @param offset bytes from the start
     * @param bytes of one element
     * @param count of elements; 0 where it is no array
     */
    public record Field(String name, int offset, int bytes, int count) {
        /** Whether it holds an address of the network, whose bytes come in network order. */
        public boolean isAddress() {
            return name.endsWith("_ip4") || name.endsWith("_ip6");
        }
    }

    /** Name, size, then {@code field:offset:bytes} with {@code *count} for arrays. */
    private static final String ROWS =
            """
            __sk_buff 192 len:0:4 pkt_type:4:4 mark:8:4 queue_mapping:12:4 protocol:16:4
              vlan_present:20:4 vlan_tci:24:4 vlan_proto:28:4 priority:32:4 ingress_ifindex:36:4
              ifindex:40:4 tc_index:44:4 cb:48:4*5 hash:68:4 tc_classid:72:4 data:76:4 data_end:80:4
              napi_id:84:4 family:88:4 remote_ip4:92:4 local_ip4:96:4 remote_ip6:100:4*4
              local_ip6:116:4*4 remote_port:132:4 local_port:136:4 data_meta:140:4 flow_keys:144:8
              tstamp:152:8 wire_len:160:4 gso_segs:164:4 sk:168:8 gso_size:176:4 tstamp_type:180:1
              hwtstamp:184:8
            xdp_md 24 data:0:4 data_end:4:4 data_meta:8:4 ingress_ifindex:12:4 rx_queue_index:16:4
              egress_ifindex:20:4
            bpf_sock 80 bound_dev_if:0:4 family:4:4 type:8:4 protocol:12:4 mark:16:4 priority:20:4
              src_ip4:24:4 src_ip6:28:4*4 src_port:44:4 dst_port:48:2 dst_ip4:52:4 dst_ip6:56:4*4
              state:72:4 rx_queue_mapping:76:4
            bpf_sock_addr 72 user_family:0:4 user_ip4:4:4 user_ip6:8:4*4 user_port:24:4 family:28:4
              type:32:4 protocol:36:4 msg_src_ip4:40:4 msg_src_ip6:44:4*4 sk:64:8
            bpf_sock_ops 224 op:0:4 args:4:4*4 reply:4:4 replylong:4:4*4 family:20:4 remote_ip4:24:4
              local_ip4:28:4 remote_ip6:32:4*4 local_ip6:48:4*4 remote_port:64:4 local_port:68:4
              is_fullsock:72:4 snd_cwnd:76:4 srtt_us:80:4 bpf_sock_ops_cb_flags:84:4 state:88:4
              rtt_min:92:4 snd_ssthresh:96:4 rcv_nxt:100:4 snd_nxt:104:4 snd_una:108:4
              mss_cache:112:4 ecn_flags:116:4 rate_delivered:120:4 rate_interval_us:124:4
              packets_out:128:4 retrans_out:132:4 total_retrans:136:4 segs_in:140:4
              data_segs_in:144:4 segs_out:148:4 data_segs_out:152:4 lost_out:156:4 sacked_out:160:4
              sk_txhash:164:4 bytes_received:168:8 bytes_acked:176:8 sk:184:8 skb_data:192:8
              skb_data_end:200:8 skb_len:208:4 skb_tcp_flags:212:4 skb_hwtstamp:216:8
            bpf_cgroup_dev_ctx 12 access_type:0:4 major:4:4 minor:8:4
            bpf_sysctl 8 write:0:4 file_pos:4:4
            bpf_sockopt 40 sk:0:8 optval:8:8 optval_end:16:8 level:24:4 optname:28:4 optlen:32:4
              retval:36:4
            sk_msg_md 80 data:0:8 data_end:8:8 family:16:4 remote_ip4:20:4 local_ip4:24:4
              remote_ip6:28:4*4 local_ip6:44:4*4 remote_port:60:4 local_port:64:4 size:68:4 sk:72:8
            sk_reuseport_md 56 data:0:8 data_end:8:8 len:16:4 eth_protocol:20:4 ip_protocol:24:4
              bind_inany:28:4 hash:32:4 sk:40:8 migrating_sk:48:8
            bpf_sk_lookup 72 sk:0:8 cookie:0:8 family:8:4 protocol:12:4 remote_ip4:16:4
              remote_ip6:20:4*4 remote_port:36:2 local_ip4:40:4 local_ip6:44:4*4 local_port:60:4
              ingress_ifindex:64:4
            bpf_flow_keys 56 nhoff:0:2 thoff:2:2 addr_proto:4:2 is_frag:6:1 is_first_frag:7:1
              is_encap:8:1 ip_proto:9:1 n_proto:10:2 sport:12:2 dport:14:2 ipv4_src:16:4
              ipv4_dst:20:4 ipv6_src:16:4*4 ipv6_dst:32:4*4 flags:48:4 flow_label:52:4
            nf_hook_state 48 hook:0:1 pf:1:1
            lirc_sample 4 sample:0:4
            """;

    private static final Map<String, ContextStruct> BY_NAME = parse();
    private static final Map<ProgramType, ContextStruct> BY_TYPE = types();

    public ContextStruct {
        fields = List.copyOf(fields);
    }

    /** All structures, by name. */
    public static Map<String, ContextStruct> byName() {
        return BY_NAME;
    }

    /**
     * The structure in which the context of a type is given: for netfilter {@code struct
     * nf_hook_state}, for flow dissectors {@code struct bpf_flow_keys}; {@code null} where it is
     * none that the kernel names.
     */
    public static ContextStruct of(ProgramType type, ObjectSpec object) {
        return switch (type) {
            case KPROBE -> {
                Architecture architecture = Architecture.of(object);
                yield registers(architecture, architecture.size(), List.of());
            }
            case PERF_EVENT -> {
                Architecture architecture = Architecture.of(object);
                int size = RegistersContext.perfEventSize(architecture);
                yield registers(
                        architecture,
                        size,
                        List.of(
                                new Field("sample_period", size - 16, 8, 0),
                                new Field("addr", size - 8, 8, 0)));
            }
            default -> BY_TYPE.get(type);
        };
    }

    private static ContextStruct registers(
            Architecture architecture, int size, List<Field> behind) {
        List<Field> fields = new ArrayList<>();
        for (Architecture.Register register : architecture.registers()) {
            fields.add(
                    new Field(
                            register.name(),
                            register.offset(),
                            architecture.word(),
                            register.count()));
        }
        fields.addAll(behind);
        return new ContextStruct(architecture.struct(), size, fields);
    }

    private static Map<ProgramType, ContextStruct> types() {
        Map<ProgramType, ContextStruct> types = new EnumMap<>(ProgramType.class);
        for (ProgramType type : ProgramType.values()) {
            String name =
                    switch (type) {
                        case XDP -> "xdp_md";
                        case SCHED_CLS,
                                SCHED_ACT,
                                SOCKET_FILTER,
                                CGROUP_SKB,
                                LWT_IN,
                                LWT_OUT,
                                LWT_XMIT,
                                LWT_SEG6LOCAL,
                                SK_SKB ->
                                "__sk_buff";
                        case FLOW_DISSECTOR -> "bpf_flow_keys";
                        case SK_LOOKUP -> "bpf_sk_lookup";
                        case CGROUP_SOCK -> "bpf_sock";
                        case CGROUP_SOCK_ADDR -> "bpf_sock_addr";
                        case CGROUP_SOCKOPT -> "bpf_sockopt";
                        case CGROUP_DEVICE -> "bpf_cgroup_dev_ctx";
                        case CGROUP_SYSCTL -> "bpf_sysctl";
                        case SOCK_OPS -> "bpf_sock_ops";
                        case SK_MSG -> "sk_msg_md";
                        case SK_REUSEPORT -> "sk_reuseport_md";
                        case NETFILTER -> "nf_hook_state";
                        case LIRC_MODE2 -> "lirc_sample";
                        default -> null;
                    };
            if (name != null) {
                types.put(type, BY_NAME.get(name));
            }
        }
        return types;
    }

    private static Map<String, ContextStruct> parse() {
        Map<String, ContextStruct> structs = new HashMap<>();
        for (String row : ROWS.split("\n(?! )")) {
            String[] words = row.strip().split("\\s+");
            List<Field> fields =
                    Arrays.stream(words)
                            .skip(2)
                            .map(word -> word.split("[:*]"))
                            .map(
                                    parts ->
                                            new Field(
                                                    parts[0],
                                                    Integer.parseInt(parts[1]),
                                                    Integer.parseInt(parts[2]),
                                                    parts.length > 3
                                                            ? Integer.parseInt(parts[3])
                                                            : 0))
                            .toList();
            structs.put(words[0], new ContextStruct(words[0], Integer.parseInt(words[1]), fields));
        }
        return Map.copyOf(structs);
    }
}
