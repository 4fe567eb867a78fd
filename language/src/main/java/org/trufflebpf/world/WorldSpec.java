package org.trufflebpf.world;

import org.trufflebpf.world.JsonValue.JsonObject;

import java.util.List;

/**
 * The description of a simulated environment, as {@code docs/environment.md} has it; immutable.
 *
 * @param hertz ticks of the kernel's timer in a second
 * @param wallOffset nanoseconds from boot to 1970, so that wall time is boot time plus this; -1:
 *     the system's
 * @param current thread id of the current task
 * @param netnsCookie cookie of the network namespace
 * @param sysctl the sysctl that programs are asked about, or {@code null}
 * @param pidNamespace the namespace of all tasks
 */
public record WorldSpec(
        int hertz,
        long wallOffset,
        int current,
        long netnsCookie,
        List<TaskSpec> tasks,
        List<CgroupSpec> cgroups,
        List<SocketSpec> sockets,
        List<InterfaceSpec> interfaces,
        List<RouteSpec> routes,
        List<NeighbourSpec> neighbours,
        List<ConnectionSpec> connections,
        List<ImageSpec> memory,
        List<SymbolSpec> symbols,
        SysctlSpec sysctl,
        NamespaceSpec pidNamespace) {

    /**
     * A thread.
     *
     * @param pid thread id
     * @param tgid process id
     * @param parent thread id of the parent, 0 for none
     * @param cgroup path of its cgroup
     * @param classid class of the net_cls controller
     * @param exe path of its executable
     * @param namespacePid thread id in its own pid namespace
     * @param kernelStack addresses of its kernel stack, the innermost first
     * @param userStack addresses of its user stack, the innermost first
     * @param fields further fields of its {@code struct task_struct}, or {@code null}
     */
    public record TaskSpec(
            int pid,
            int tgid,
            int parent,
            String comm,
            int uid,
            int gid,
            String cgroup,
            int classid,
            String exe,
            int namespacePid,
            List<Long> kernelStack,
            List<Long> userStack,
            List<VmaSpec> vmas,
            JsonObject fields) {}

    /** A mapping of a task's address space. */
    public record VmaSpec(long start, long end, long flags, String file) {}

    /**
     * A cgroup of the unified hierarchy.
     *
     * @param path from the root, {@code /} for the root itself
     * @param id its number, which is also the inode number of its directory
     * @param fields further fields of its {@code struct cgroup}, or {@code null}
     */
    public record CgroupSpec(String path, long id, JsonObject fields) {}

    /**
     * A socket.
     *
     * @param name by which the description and arguments refer to it
     * @param protocol {@code IPPROTO_*}
     * @param state {@code TCP_*} of {@code net/tcp_states.h}
     * @param local its address and port
     * @param remote the other end; unspecified for sockets that are not connected
     * @param cookie 0: given out when somebody asks
     * @param task thread id of the owner
     * @param tcp fields of its {@code struct bpf_tcp_sock}, or {@code null}
     * @param fields further fields of its kernel structure, or {@code null}
     */
    public record SocketSpec(
            String name,
            int protocol,
            int state,
            IpEndpoint local,
            IpEndpoint remote,
            long cookie,
            int uid,
            int mark,
            int priority,
            int ifindex,
            String cgroup,
            int classid,
            int task,
            JsonObject tcp,
            JsonObject fields) {}

    /**
     * A network interface.
     *
     * @param mac six bytes in a number
     * @param mtu bytes of the largest packet of the network layer
     * @param forwarding whether the machine routes what comes in here
     * @param peer index of the interface at the other end of a veth pair in another namespace, or 0
     */
    public record InterfaceSpec(
            int index,
            String name,
            long mac,
            int mtu,
            boolean up,
            boolean forwarding,
            int peer,
            List<IpPrefix> addresses) {}

    /** What a route does with its packets. */
    public enum RouteType {
        UNICAST,
        LOCAL,
        BLACKHOLE,
        UNREACHABLE,
        PROHIBIT
    }

    /**
     * A route.
     *
     * @param via address of the next hop, or {@code null} where the target is on the link
     * @param device index of the interface
     * @param mtu 0: the interface's
     * @param source preferred source address, or {@code null}
     * @param table number of the table
     */
    public record RouteSpec(
            IpPrefix to,
            RouteType type,
            IpAddress via,
            int device,
            int mtu,
            IpAddress source,
            int table,
            int metric) {}

    /** The link-layer address of a neighbour. */
    public record NeighbourSpec(IpAddress address, int device, long mac) {}

    /**
     * A tracked connection.
     *
     * @param tuple its ends, seen from where it was opened
     * @param zone number of its zone
     * @param status {@code IPS_*} bits
     */
    public record ConnectionSpec(FlowTuple tuple, int zone, int status) {}

    /**
     * A piece of memory with contents.
     *
     * @param name by which arguments and pointers refer to it
     * @param user whether it is the user's, not the kernel's
     * @param type C type, laid out by the target's BTF, or {@code null} for plain bytes
     * @param bytes contents where there is no type
     * @param fields values of its fields, or {@code null}
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record ImageSpec(
            String name,
            boolean user,
            boolean writable,
            String type,
            byte[] bytes,
            JsonObject fields) {}

    /**
     * A symbol of the kernel.
     *
     * @param address what {@code bpf_kallsyms_lookup_name} tells
     */
    public record SymbolSpec(String name, long address) {}

    /**
     * The sysctl that a program is asked about.
     *
     * @param name its path below {@code /proc/sys}
     * @param value what it is, empty if that cannot be read
     * @param newValue what is being written
     */
    public record SysctlSpec(String name, String value, String newValue) {}

    /** Device and inode number by which a namespace is known ({@code stat /proc/self/ns/pid}). */
    public record NamespaceSpec(long device, long inode) {}

    public WorldSpec {
        tasks = List.copyOf(tasks);
        cgroups = List.copyOf(cgroups);
        sockets = List.copyOf(sockets);
        interfaces = List.copyOf(interfaces);
        routes = List.copyOf(routes);
        neighbours = List.copyOf(neighbours);
        connections = List.copyOf(connections);
        memory = List.copyOf(memory);
        symbols = List.copyOf(symbols);
    }

    /**
     * What there is without a description: the task {@code ebpf-run} with process id 1 of user 0,
     * the root cgroup, and the loopback device with its addresses and routes.
     */
    public static final WorldSpec DEFAULT = WorldReader.defaults();
}
