package org.trufflebpf.verifier;

import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfKind;
import org.trufflebpf.btf.BtfType;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapType;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The member of a structure of operations that a program is for: the variable in {@code
 * .struct_ops} that names the program says which (kernel: {@code check_struct_ops_btf_id}). What
 * each structure allows its programs beyond reading the arguments stands here in tables.
 *
 * @param struct the kernel's name of the structure
 * @param member the member's name
 * @param proto the member's type
 */
record StructOperation(Btf btf, String struct, String member, BtfType.FuncProto proto) {
    private static final String TCP = "tcp_congestion_ops";
    private static final String DUMMY = "bpf_dummy_ops";

    /** Members that no program may take, and of which structures single ones may sleep. */
    private static final Map<String, Set<String>> UNSUPPORTED = Map.of(TCP, Set.of("get_info"));

    private static final Map<String, Set<String>> SLEEPABLE =
            Map.of(DUMMY, Set.of("test_sleepable"));

    /** What a congestion control may write of a {@code tcp_sock}, in its embedded structures. */
    private static final List<List<String>> TCP_WRITABLE =
            List.of(
                    List.of("sock", "sk_pacing_rate"),
                    List.of("sock", "sk_pacing_status"),
                    List.of("inet_connection_sock", "icsk_ack", "pending"),
                    List.of("tcp_sock", "snd_cwnd"),
                    List.of("tcp_sock", "snd_cwnd_cnt"),
                    List.of("tcp_sock", "snd_cwnd_stamp"),
                    List.of("tcp_sock", "snd_ssthresh"),
                    List.of("tcp_sock", "ecn_flags"),
                    List.of("tcp_sock", "app_limited"));

    private static final List<String> TCP_PRIVATE = List.of("inet_connection_sock", "icsk_ca_priv");

    /** Bytes from an offset to another. */
    private record Range(long start, long end) {}

    /** What a program is for, or a refusal. */
    static StructOperation of(Env env) {
        String program = env.spec.name();
        for (MapSpec map : env.object.maps()) {
            for (MapSpec.Slot slot : map.slots()) {
                if (map.type() == MapType.STRUCT_OPS && slot.target().equals(program)) {
                    return of(env, map, slot.key());
                }
            }
        }
        throw Env.refuse(
                RefusalKind.CONTEXT_ACCESS,
                "attach_btf_id 0 is not a supported struct: no variable of .struct_ops holds"
                        + " program '"
                        + program
                        + "'");
    }

    private static StructOperation of(Env env, MapSpec map, int offset) {
        Btf own = env.object.btf();
        String struct = Btf.essentialName(own.name(map.valueTypeId()));
        String name = null;
        if (own.type(map.valueTypeId()) instanceof BtfType.Composite composite) {
            for (BtfType.Member candidate : composite.members()) {
                name = candidate.bitOffset() == offset * 8L ? candidate.name() : name;
            }
        }
        int id = env.requireStruct(struct, "program '" + env.spec.name() + "'");
        Btf kernel = env.target();
        if (kernel.find("bpf_struct_ops_" + struct, BtfKind.STRUCT) == 0) {
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "struct " + struct + " is not a supported struct of operations");
        }
        BtfType.Member found = member(kernel, id, name);
        if (found == null
                || !(kernel.resolve(found.type()) instanceof BtfType.Ptr pointer)
                || !(kernel.resolve(pointer.target()) instanceof BtfType.FuncProto proto)) {
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "the kernel's struct " + struct + " has no function '" + name + "'");
        }
        return new StructOperation(kernel, struct, name, proto);
    }

    private static BtfType.Member member(Btf btf, int id, String name) {
        return btf.resolve(id) instanceof BtfType.Composite struct ? struct.member(name) : null;
    }

    /** Whether the structure takes a program for this member. */
    void check(boolean sleepable) {
        Set<String> maySleep = SLEEPABLE.get(struct);
        if (UNSUPPORTED.getOrDefault(struct, Set.of()).contains(member)
                || (sleepable && maySleep != null && !maySleep.contains(member))) {
            throw Env.refuse(
                    RefusalKind.CONTEXT_ACCESS,
                    "attach to unsupported member " + member + " of struct " + struct);
        }
    }

    /** The kernel's own function for the member says by a parameter's name that it may be NULL. */
    boolean isNullable(int argument) {
        BtfType.FuncProto stub = btf.proto(btf.find(struct + "__" + member, BtfKind.FUNC));
        return stub != null
                && argument < stub.params().size()
                && stub.params().get(argument).name().endsWith("__nullable");
    }

    /** What a pointer among the arguments points to: sockets of TCP are known to be such. */
    int pointee(int id) {
        return struct.equals(TCP) && btf.name(id).equals("sock")
                ? btf.find("tcp_sock", BtfKind.STRUCT)
                : id;
    }

    /** Whether the program may write to an object of the kernel. */
    void checkWrite(Reg object, int off, int size) {
        String name = object.btf.name(object.btfId);
        switch (struct) {
            case DUMMY -> {
                if (!name.equals("bpf_dummy_ops_state")) {
                    throw Env.refuse(
                            RefusalKind.BTF_ACCESS,
                            "only access to bpf_dummy_ops_state is supported");
                }
                if (off + size > object.btf.sizeOf(object.btfId)) {
                    throw Env.refuse(
                            RefusalKind.BTF_ACCESS,
                            "write access at off " + off + " with size " + size);
                }
            }
            case TCP -> {
                if (!name.equals("tcp_sock")) {
                    throw Env.refuse(RefusalKind.BTF_ACCESS, "only read is supported");
                }
                checkTcpWrite(off, size);
            }
            default -> throw Env.refuse(RefusalKind.BTF_ACCESS, "only read is supported");
        }
    }

    private void checkTcpWrite(int off, int size) {
        Range range = range(TCP_PRIVATE);
        if (range == null || off < range.start || off >= range.end) {
            range = null;
            for (List<String> path : TCP_WRITABLE) {
                Range candidate = range(path);
                range = candidate != null && candidate.start == off ? candidate : range;
            }
        }
        if (range == null) {
            throw Env.refuse(RefusalKind.BTF_ACCESS, "no write support to tcp_sock at off " + off);
        }
        if (off + size > range.end) {
            throw Env.refuse(
                    RefusalKind.BTF_ACCESS,
                    "write access at off "
                            + off
                            + " with size "
                            + size
                            + " beyond the member of tcp_sock ended at "
                            + range.end);
        }
    }

    /** Where a member lies; each of the structures stands at the start of a {@code tcp_sock}. */
    private Range range(List<String> path) {
        int type = btf.find(path.getFirst(), BtfKind.STRUCT);
        long start = 0;
        for (String name : path.subList(1, path.size())) {
            BtfType.Member next = member(btf, type, name);
            if (next == null) {
                return null;
            }
            start += next.bitOffset() / 8;
            type = next.type();
        }
        return new Range(start, start + btf.sizeOf(type));
    }
}
