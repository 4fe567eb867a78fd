package org.trufflebpf.helper;

/**
 * Which helpers each program type may call, by number. {@code base}, {@code skc} and {@code trace}
 * are names of sets that many types share. Measured on a 6.18 kernel by loading a call of each
 * helper, over all attach types of a type; a type whose attach types differ has the union. What
 * that kernel was built without stands here as its sources have it: {@code lirc_mode2}, {@code
 * lsm}, {@code bpf_override_return}, {@code bpf_probe_write_user} and the {@code bpf_get_func_*}
 * helpers of fentry and fexit.
 */
final class HelperUsers {
    private HelperUsers() {}

    static final String ROWS =
            """
            base: 1-3 5-8 12 14-17 22 35 37 42 55 80 87-89 93-94 105-106 109 112-115 117-118 120 123 125
              130-134 141 148-149 153-154 156-158 164-165 169-172 175-177 180-182 191 194-195 197-203
              208-211
            skc: 136-140 178 196
            trace: 4 25 27 45 67 173-174
            socket_filter: base skc 25-26 46-47 68 122 160
            kprobe: base trace 36 58
            sched_cls: base skc 9-11 13 18-21 23-26 28-34 38-41 43 46-48 50 66 68-69 79 83-86 95-100 107-108
              110 122 124 135 151-152 155 160 163 192 204-207
            sched_act: base skc 9-11 13 18-21 23-26 28-34 38-41 43 46-48 50 66 68-69 79 83-86 95-100 107-108
              110 122 124 135 151-152 155 160 163 192 204-207
            tracepoint: base trace 36
            xdp: base skc 23 25 28 44 51 54 65 69 84-86 99-100 110 160 163 188-190 204-207
            perf_event: base trace 36 56 119
            cgroup_skb: base skc 25-26 46-47 68 79 81 83-86 95-99 107-108 122 128-129 160
            cgroup_sock: base 25 46 81 107 122 160 186-187
            lwt_in: base skc 24-26 28 33-34 39 73 160
            lwt_out: base skc 24-26 28 33-34 39 160
            lwt_xmit: base skc 9-11 13 20-21 23-26 28-30 33-34 38-41 43 73 135 160
            sock_ops: base skc 25 46 49 53 57 59 70 81 96 107-108 122 142-144 160
            sk_skb: base skc 9 25-26 38-39 43 46-47 50 52 72 84-86 99 160
            cgroup_device: base 25 81 186-187
            sk_msg: base skc 25 60-63 71 90-91 107-108 122 160
            raw_tracepoint: base trace 36
            cgroup_sock_addr: base skc 25 46 49 57 64 81 84-86 99 107-108 122 160 186-187
            lwt_seg6local: base skc 24-26 28 33-34 39 74-76 160
            lirc_mode2: 1-3 5-7 12 77-78 87-89 92 125
            sk_reuseport: base 26 46 68 82 160
            flow_dissector: base skc 26 160
            cgroup_sysctl: base 25 81 101-104 160 186-187
            raw_tracepoint_writable: base trace 36
            cgroup_sockopt: base 25 49 57 81 96 107-108 122 186-187
            tracing: base skc trace 36 46 49 57 107-108 111 121 126-127 147 150 162 183-185 188
            struct_ops: base 49 57 107-108 116 160
            ext: any
            lsm: base skc trace 36 46 49 57 81 107-108 111 121-122 145-147 159-162 183-188 193
            sk_lookup: base skc 25 86 124 160
            syscall: base skc 4 25 27 36 45-46 67 107-108 111 121 147 162 166-168 173 179 188
            netfilter: base
            """;
}
