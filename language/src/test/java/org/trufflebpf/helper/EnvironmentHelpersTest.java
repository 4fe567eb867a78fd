package org.trufflebpf.helper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfBuilder;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.KernelObjects;
import org.trufflebpf.map.MapFactory;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.memory.Region;
import org.trufflebpf.object.MapSpec;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.uapi.ProgramType;
import org.trufflebpf.world.IpAddress;
import org.trufflebpf.world.Socket;
import org.trufflebpf.world.World;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Helpers whose answers come from the simulated environment. */
class EnvironmentHelpersTest {
    private static final String WORLD =
            """
            {"tasks": [{"pid": 101, "tgid": 100, "comm": "worker", "cgroup": "/app/web",
                        "classid": 7, "namespace_pid": 5,
                        "vmas": [{"start": "0x1000", "end": "0x2000"}]},
                       {"pid": 100, "namespace_pid": 4}],
             "cgroups": [{"path": "/app", "id": 20}, {"path": "/app/web", "id": 21}],
             "sockets": [
               {"name": "listener", "local": "10.0.0.5:80", "uid": 33, "cookie": 77,
                "cgroup": "/app", "classid": 9, "tcp": {"snd_cwnd": 10, "bytes_acked": 5000}},
               {"name": "any", "local": "[::]:443"},
               {"name": "peer", "local": "10.0.0.5:80", "remote": "10.0.0.9:4000"},
               {"name": "request", "local": "10.0.0.5:80", "remote": "10.0.0.9:4001",
                "state": "new_syn_recv"},
               {"name": "rest", "local": "10.0.0.5:80", "remote": "10.0.0.9:4002",
                "state": "time_wait"},
               {"name": "dns", "protocol": "udp", "local": "0.0.0.0:53"}],
             "interfaces": [
               {"index": 2, "name": "eth0", "mac": "02:00:00:00:00:01", "mtu": 1500,
                "addresses": ["10.0.0.5/24", "2001:db8::5/64"]},
               {"index": 3, "name": "eth1", "mtu": 1400, "forwarding": false}],
             "routes": [
               {"to": "0.0.0.0/0", "via": "10.0.0.1", "dev": "eth0", "metric": 100},
               {"to": "10.8.0.0/16", "type": "prohibit"},
               {"to": "10.7.0.0/16", "type": "unreachable"},
               {"to": "10.6.0.0/16", "type": "blackhole"},
               {"to": "2001:db9::/32", "via": "2001:db8::1", "dev": "eth0", "table": 100}],
             "neighbours": [
               {"address": "10.0.0.1", "dev": "eth0", "mac": "02:00:00:00:00:99"},
               {"address": "2001:db8::1", "dev": "eth0", "mac": "02:00:00:00:00:98"}],
             "connections": [
               {"source": "10.0.0.9:4000", "destination": "10.0.0.5:80", "status": "assured"}],
             "memory": [{"name": "text", "space": "user", "text": "hello"}],
             "symbols": [{"name": "vfs_read", "address": "0xffffffff81234560"}],
             "sysctl": {"name": "net/ipv4/ip_forward", "value": "1\\n", "new_value": "0"},
             "pid_namespace": {"dev": 4, "ino": 4026531836},
             "netns_cookie": 12}
            """;

    private static Bench tc() {
        return new Bench(ProgramType.SCHED_CLS, WORLD).enter(Packets.TCP, null);
    }

    private static Bench of(ProgramType type, int contextSize) {
        return new Bench(type, WORLD).enter(null, new byte[contextSize]);
    }

    // ---- sockets

    private static long tuple(Bench bench, String from, int sport, int dport) {
        long tuple = bench.buffer(12);
        String[] parts = from.split("\\.");
        for (int i = 0; i < 4; i++) {
            bench.memory.putByte(tuple + i, (byte) Integer.parseInt(parts[i]));
        }
        bench.memory.write(tuple + 4, new byte[] {10, 0, 0, 5});
        bench.memory.putShort(tuple + 8, Short.reverseBytes((short) sport));
        bench.memory.putShort(tuple + 10, Short.reverseBytes((short) dport));
        return tuple;
    }

    private static String found(Bench bench, String helper, int sport, int dport) {
        long tuple = tuple(bench, "10.0.0.9", sport, dport);
        long socket = bench.call(helper, bench.context(), tuple, 12, -1, 0);
        Socket there = bench.machine.world().socketAt(socket);
        return socket == 0 ? "none" : there.spec().name();
    }

    @Test
    void lookupFindsConnectionsBeforeListeners() {
        Bench bench = tc();
        assertEquals("peer", found(bench, "sk_lookup_tcp", 4000, 80));
        assertEquals("listener", found(bench, "sk_lookup_tcp", 5000, 80));
        assertEquals("any", found(bench, "sk_lookup_tcp", 5000, 443));
        assertEquals("none", found(bench, "sk_lookup_tcp", 5000, 81));
        assertEquals("dns", found(bench, "sk_lookup_udp", 5000, 53));
        assertEquals("none", found(bench, "sk_lookup_udp", 5000, 80));
    }

    /** A request stands for its listener, the rest of a connection for nothing. */
    @Test
    void lookupGivesFullSockets() {
        Bench bench = tc();
        assertEquals("listener", found(bench, "sk_lookup_tcp", 4001, 80));
        assertEquals("request", found(bench, "skc_lookup_tcp", 4001, 80));
        assertEquals("none", found(bench, "sk_lookup_tcp", 4002, 80));
        assertEquals("rest", found(bench, "skc_lookup_tcp", 4002, 80));
    }

    @Test
    void formsOfASocketAreOneSocket() {
        Bench bench = tc();
        World world = bench.machine.world();
        long socket = world.sockAddress(world.socket("listener"));
        Memory memory = bench.memory;
        assertEquals(2, memory.getInt(socket + 4));
        assertEquals(80, memory.getInt(socket + 44));
        assertEquals(10, memory.getInt(socket + 72));
        long tcp = bench.call("tcp_sock", socket);
        assertEquals(10, memory.getInt(tcp));
        assertEquals(5000, memory.getLong(tcp + 88));
        long kernel = bench.call("skc_to_tcp_sock", socket);
        assertEquals(world.address(world.socket("listener")), kernel);
        assertEquals(0, bench.call("skc_to_tcp6_sock", socket));
        assertEquals(socket, bench.call("get_listener_sock", socket));
        assertEquals(0, bench.call("sk_release", socket));
        long rest = world.sockAddress(world.socket("rest"));
        assertEquals(0, bench.call("sk_fullsock", rest));
        assertNotEquals(0, bench.call("skc_to_tcp_timewait_sock", rest));
        assertThrows(BpfException.class, () -> bench.call("sk_fullsock", 0x1234));
        assertEquals(12, bench.call("get_netns_cookie", bench.context()));
    }

    @Test
    void thePacketsSocketMayBeDescribed() {
        Bench bench = new Bench(ProgramType.CGROUP_SKB, WORLD).enter(Packets.TCP, null);
        World world = bench.machine.world();
        long socket = world.sockAddress(world.socket("listener"));
        bench.memory.putLong(bench.context() + 168, socket);
        assertEquals(77, bench.call("get_socket_cookie", bench.context()));
        assertEquals(33, bench.call("get_socket_uid", bench.context()));
        assertEquals(20, bench.call("sk_cgroup_id", socket));
        assertEquals(1, bench.call("sk_ancestor_cgroup_id", socket, 0));
        assertEquals(20, bench.call("skb_cgroup_id", bench.context()));
        assertEquals(0, bench.call("skb_ancestor_cgroup_id", bench.context(), 2));
    }

    @Test
    void optionsAreKept() {
        Bench bench = of(ProgramType.SOCK_OPS, 224);
        World world = bench.machine.world();
        long context = bench.context();
        long value = bench.buffer(4);
        assertThrows(BpfException.class, () -> bench.call("setsockopt", context, 1, 36, value, 4));
        bench.memory.putLong(context + 184, world.sockAddress(world.socket("peer")));
        bench.memory.putInt(value, 5);
        assertEquals(0, bench.call("setsockopt", context, 1, 36, value, 4));
        assertEquals(-22, bench.call("setsockopt", context, 1, 36, value, 2));
        assertEquals(-22, bench.call("setsockopt", context, 1, 999, value, 4));
        assertEquals(-22, bench.call("setsockopt", context, 41, 67, value, 4));
        assertEquals(0, bench.call("getsockopt", context, 1, 36, value, 4));
        assertEquals(5, bench.memory.getInt(value));
        assertEquals(0, bench.call("setsockopt", context, 1, 8, value, 4));
        assertEquals(0, bench.call("getsockopt", context, 1, 8, value, 4));
        assertEquals(2304, bench.memory.getInt(value));
        assertEquals(-22, bench.call("getsockopt", context, 1, 999, value, 4));
        assertEquals(0, bench.memory.getInt(value));
        long name = bench.buffer(16);
        assertEquals(0, bench.call("getsockopt", context, 6, 13, name, 16));
        assertEquals("cubic", bench.textAt(name));
        assertEquals(0x80, bench.call("sock_ops_cb_flags_set", context, 0x83));
        assertEquals(3, world.socket("peer").callbackFlags());
        assertEquals(3, bench.memory.getInt(context + 84));
        assertEquals(
                List.of("SO_MARK of socket peer set to 5", "SO_RCVBUF of socket peer set to 5"),
                bench.run.effects());
    }

    @Test
    void headerOptions() {
        byte[] header = new byte[28];
        header[12] = (byte) (7 << 4);
        header[20] = 1;
        header[21] = 2;
        header[22] = 4;
        header[23] = 5;
        header[24] = (byte) 0xb4;
        Bench bench = new Bench(ProgramType.SOCK_OPS, WORLD).enter(header, new byte[224]);
        long context = bench.context();
        long option = bench.buffer(8);
        bench.memory.putShort(option, (short) 2);
        assertEquals(4, bench.call("load_hdr_opt", context, option, 8, 0));
        assertEquals(0xb405, bench.memory.getShort(option + 2) & 0xffff);
        bench.memory.putShort(option, (short) 3);
        assertEquals(-42, bench.call("load_hdr_opt", context, option, 8, 0));
        bench.memory.putShort(option, (short) 0x0403);
        assertEquals(-22, bench.call("load_hdr_opt", context, option, 8, 0));
        assertEquals(-1, bench.call("store_hdr_opt", context, option, 8, 0));
        bench.memory.putInt(context, 15);
        bench.memory.putShort(option, (short) 0x0402);
        assertEquals(-17, bench.call("store_hdr_opt", context, option, 8, 0));
        bench.memory.putShort(option, (short) 0x0203);
        assertEquals(0, bench.call("store_hdr_opt", context, option, 8, 0));
        assertEquals(-28, bench.call("reserve_hdr_opt", context, 32, 0));
        assertEquals(0, bench.call("reserve_hdr_opt", context, 30, 0));
        assertEquals(-28, bench.call("reserve_hdr_opt", context, 2, 0));
    }

    @Test
    void bindsToAddressesOfItsOwn() {
        Bench bench = of(ProgramType.CGROUP_SOCK_ADDR, 72);
        World world = bench.machine.world();
        bench.memory.putLong(bench.context() + 64, world.sockAddress(world.socket("peer")));
        long address = bench.buffer(16);
        bench.memory.fill(address, 16, (byte) 0);
        bench.memory.putShort(address, (short) 2);
        assertEquals(0, bench.call("bind", bench.context(), address, 16));
        bench.memory.write(address + 4, new byte[] {10, 0, 0, 5});
        assertEquals(0, bench.call("bind", bench.context(), address, 16));
        bench.memory.write(address + 4, new byte[] {10, 0, 0, 6});
        assertEquals(-99, bench.call("bind", bench.context(), address, 16));
        assertEquals(-22, bench.call("bind", bench.context(), address, 8));
        bench.memory.putShort(address, (short) 1);
        assertEquals(-97, bench.call("bind", bench.context(), address, 16));
    }

    @Test
    void lookupProgramsSelectASocket() {
        byte[] context = new byte[72];
        context[8] = 2;
        context[12] = 6;
        Bench bench = new Bench(ProgramType.SK_LOOKUP, WORLD).enter(null, context);
        World world = bench.machine.world();
        long at = bench.context();
        long listener = world.sockAddress(world.socket("listener"));
        assertEquals(0, bench.call("sk_assign", at, listener, 0));
        assertEquals(-17, bench.call("sk_assign", at, listener, 0));
        assertEquals(0, bench.call("sk_assign", at, listener, 1));
        assertEquals(-94, bench.call("sk_assign", at, world.sockAddress(world.socket("peer")), 1));
        assertEquals(-91, bench.call("sk_assign", at, world.sockAddress(world.socket("dns")), 1));
        assertEquals(77, bench.leave(1).ctxOut()[0]);
    }

    // ---- connection tracking

    private static long connectionOptions(Bench bench) {
        long opts = bench.buffer(16);
        bench.memory.fill(opts, 16, (byte) 0);
        bench.memory.putInt(opts, -1);
        bench.memory.putByte(opts + 8, (byte) 6);
        return opts;
    }

    @Test
    void describedConnectionsAreFoundFromBothEnds() {
        Bench bench = tc();
        long opts = connectionOptions(bench);
        long tuple = tuple(bench, "10.0.0.9", 4000, 80);
        long there = bench.kfunc("bpf_skb_ct_lookup", bench.context(), tuple, 12, opts, 16);
        assertNotEquals(0, there);
        assertEquals(0, bench.memory.getByte(opts + 9));
        bench.memory.write(tuple, new byte[] {10, 0, 0, 5, 10, 0, 0, 9, 0, 80, 0x0f, (byte) 0xa0});
        long back = bench.kfunc("bpf_skb_ct_lookup", bench.context(), tuple, 12, opts, 16);
        assertEquals(there, back);
        assertEquals(1, bench.memory.getByte(opts + 9));
        // a bit of the status is not taken away
        assertEquals(-16, bench.kfunc("bpf_ct_change_status", there, 8));
        assertEquals(0, bench.kfunc("bpf_ct_release", there));
        assertEquals(0, bench.kfunc("bpf_ct_release", back));
        assertThrows(BpfException.class, () -> bench.kfunc("bpf_ct_release", 0x1234));
    }

    /** The clock of this machine stands still, so that only a timeout of 0 is over. */
    @Test
    void connectionsEnd() {
        Bench bench = tc();
        long opts = connectionOptions(bench);
        long tuple = tuple(bench, "10.0.0.9", 4004, 80);
        long made = bench.kfunc("bpf_skb_ct_alloc", bench.context(), tuple, 12, opts, 16);
        long entry = bench.kfunc("bpf_ct_insert_entry", made);
        assertEquals(made, entry);
        long again = bench.kfunc("bpf_skb_ct_lookup", bench.context(), tuple, 12, opts, 16);
        assertEquals(entry, again);
        assertEquals(0, bench.kfunc("bpf_ct_release", again));
        assertEquals(0, bench.kfunc("bpf_ct_change_timeout", entry, 0));
        assertEquals(0, bench.kfunc("bpf_skb_ct_lookup", bench.context(), tuple, 12, opts, 16));
        assertEquals(-2, bench.memory.getInt(opts + 4));
        // the program's reference keeps it, until that goes too
        assertEquals(0, bench.kfunc("bpf_ct_change_timeout", entry, 1));
        assertEquals(0, bench.kfunc("bpf_ct_release", entry));
        assertThrows(BpfException.class, () -> bench.kfunc("bpf_ct_change_timeout", entry, 1));
    }

    // ---- routes

    private static long fib(Bench bench, int ifindex, int length, String to) {
        long params = bench.buffer(64);
        bench.memory.fill(params, 64, (byte) 0);
        byte[] address = IpAddress.parse(to).bytes();
        bench.memory.putByte(params, (byte) (address.length == 4 ? 2 : 10));
        bench.memory.putShort(params + 6, (short) length);
        bench.memory.putInt(params + 8, ifindex);
        bench.memory.write(params + 32, address);
        return params;
    }

    private static long lookup(Bench bench, String to, int flags) {
        return bench.call("fib_lookup", bench.context(), fib(bench, 2, 100, to), 64, flags);
    }

    @Test
    void routesDecide() {
        Bench bench = tc();
        long params = fib(bench, 2, 100, "8.8.8.8");
        assertEquals(0, bench.call("fib_lookup", bench.context(), params, 64, 16));
        Memory memory = bench.memory;
        assertEquals(2, memory.getInt(params + 8));
        assertEquals(100, memory.getInt(params + 12));
        assertArrayEquals(new byte[] {10, 0, 0, 5}, memory.read(params + 16, 4));
        assertArrayEquals(new byte[] {10, 0, 0, 1}, memory.read(params + 32, 4));
        assertArrayEquals(new byte[] {2, 0, 0, 0, 0, 1}, memory.read(params + 52, 6));
        assertEquals((byte) 0x99, memory.getByte(params + 63));
        assertEquals(1500, memory.getShort(params + 6));
        assertEquals(4, lookup(bench, "10.0.0.5", 0));
        assertEquals(7, lookup(bench, "10.0.0.77", 0));
        assertEquals(0, lookup(bench, "10.0.0.77", 4));
        assertEquals(3, lookup(bench, "10.8.1.1", 0));
        assertEquals(2, lookup(bench, "10.7.1.1", 0));
        assertEquals(1, lookup(bench, "10.6.1.1", 0));
        assertEquals(4, lookup(bench, "2001:db9::1", 0));
        long other = fib(bench, 2, 100, "2001:db9::1");
        memory.putInt(other + 48, 100);
        assertEquals(0, bench.call("fib_lookup", bench.context(), other, 64, 1 | 8));
        assertEquals(4, lookup(bench, "fe80::1", 0));
        assertEquals(
                5, bench.call("fib_lookup", bench.context(), fib(bench, 3, 1, "8.8.8.8"), 64, 0));
        assertEquals(
                -19, bench.call("fib_lookup", bench.context(), fib(bench, 9, 1, "8.8.8.8"), 64, 0));
        long large = fib(bench, 2, 1501, "8.8.8.8");
        assertEquals(8, bench.call("fib_lookup", bench.context(), large, 64, 0));
        assertEquals(1500, memory.getShort(large + 6));
    }

    @Test
    void mtusDecide() {
        Bench bench = tc();
        long length = bench.buffer(4);
        bench.memory.putInt(length, 1401);
        assertEquals(1, bench.call("check_mtu", bench.context(), 3, length, 0, 0));
        assertEquals(1400, bench.memory.getInt(length));
        assertEquals(0, bench.call("check_mtu", bench.context(), 3, length, 0, 0));
        assertEquals(1, bench.call("check_mtu", bench.context(), 3, length, 1, 0));
    }

    // ---- tasks and the kernel

    @Test
    void theCurrentTask() {
        Bench bench = new Bench(ProgramType.RAW_TRACEPOINT, WORLD).enter(null, null);
        assertEquals((100L << 32) | 101, bench.call("get_current_pid_tgid"));
        assertEquals(21, bench.call("get_current_cgroup_id"));
        assertEquals(20, bench.call("get_current_ancestor_cgroup_id", 1));
        long task = bench.call("get_current_task_btf");
        assertEquals(task, bench.call("get_current_task"));
        assertEquals(101, bench.machine.world().taskAt(task).pid());
        long pids = bench.buffer(8);
        assertEquals(0, bench.call("get_ns_current_pid_tgid", 4, 0xeffffffcL, pids, 8));
        assertEquals((4L << 32) | 5, bench.memory.getLong(pids));
        assertEquals(-22, bench.call("get_ns_current_pid_tgid", 4, 1, pids, 8));
        assertEquals(0, bench.memory.getLong(pids));
        assertEquals(0, bench.call("send_signal", 9));
        assertEquals(-22, bench.call("send_signal", 65));
        assertEquals(List.of("signal 9 to the process of task 101 (worker)"), bench.run.effects());
        assertNotEquals(0, bench.call("task_pt_regs", task));
        assertThrows(BpfException.class, () -> bench.call("task_pt_regs", 0x99));
    }

    @Test
    void signalsToOtherTasks() {
        Bench bench = new Bench(ProgramType.TRACING, WORLD).enter(null, null);
        World world = bench.machine.world();
        long task = world.address(world.task(100));
        assertEquals(0, bench.kfunc("bpf_send_signal_task", task, 10, 0, 0));
        assertEquals(0, bench.kfunc("bpf_send_signal_task", task, 12, 1, 7));
        assertEquals(-22, bench.kfunc("bpf_send_signal_task", task, 12, 2, 0));
        assertEquals(-22, bench.kfunc("bpf_send_signal_task", task, 65, 1, 0));
        assertEquals(
                List.of(
                        "signal 10 to the thread of task 100 (task)",
                        "signal 12 to the process of task 100 (task)"),
                bench.run.effects());
    }

    @Test
    void socketsAreDestroyed() {
        Bench bench = new Bench(ProgramType.TRACING, WORLD).enter(null, null);
        World world = bench.machine.world();
        long socket = world.sockAddress(world.socket("peer"));
        assertEquals(0, bench.kfunc("bpf_sock_destroy", socket));
        assertEquals(List.of("socket peer destroyed"), bench.run.effects());
        assertThrows(BpfException.class, () -> bench.kfunc("bpf_sock_destroy", 0x1234));
    }

    @Test
    void theFirstTaskGetsNoSignal() {
        Bench bench = new Bench(ProgramType.RAW_TRACEPOINT, "{}").enter(null, null);
        assertEquals(-1, bench.call("send_signal", 9));
    }

    @Test
    void memoryOfTheUser() {
        Bench bench = new Bench(ProgramType.RAW_TRACEPOINT, WORLD).enter(null, null);
        long text = bench.machine.world().address("@memory/text");
        long copy = bench.buffer(6);
        assertEquals(0, bench.call("copy_from_user", copy, 6, text));
        assertEquals("hello", bench.textAt(copy));
        long task = bench.machine.world().address("@current");
        assertEquals(0, bench.call("copy_from_user_task", copy, 2, text + 1, task, 0));
        assertEquals(-22, bench.call("copy_from_user_task", copy, 2, text + 1, task, 1));
        assertEquals(-14, bench.call("copy_from_user_task", copy, 2, copy, task, 0));
        assertEquals(0, bench.call("probe_write_user", text, bench.string("J"), 1));
        assertEquals("Jello", bench.textAt(text));
        assertEquals(-14, bench.call("probe_write_user", copy, bench.string("J"), 1));
        assertEquals(Region.Kind.MEMORY, bench.memory.find(text).kind());
    }

    @Test
    void mappingsCallBack() {
        Bench bench = new Bench(ProgramType.RAW_TRACEPOINT, WORLD).enter(null, null);
        long task = bench.machine.world().address("@current");
        long function = bench.machine.handles().register("callback");
        long stack = bench.run.topFrame() - 8;
        assertEquals(0, bench.call("find_vma", task, 0x1fff, function, stack, 0));
        assertEquals(List.of("called back with " + stack), bench.run.effects());
        assertEquals(-2, bench.call("find_vma", task, 0x2000, function, stack, 0));
        assertEquals(-22, bench.call("find_vma", task, 0x1000, function, stack, 1));
    }

    @Test
    void symbols() {
        Bench bench = new Bench(ProgramType.SYSCALL, WORLD).enter(null, null);
        long result = bench.buffer(8);
        assertEquals(0, bench.call("kallsyms_lookup_name", bench.string("vfs_read"), 9, 0, result));
        assertEquals(0xffffffff81234560L, bench.memory.getLong(result));
        assertThrows(
                BpfException.class,
                () -> bench.call("btf_find_by_name_kind", bench.string("file"), 5, 4, 0));
    }

    @Test
    void returnValues() {
        Bench bench = of(ProgramType.CGROUP_SOCK, 80);
        assertEquals(0, bench.call("get_retval"));
        assertEquals(0, bench.call("set_retval", -1));
        assertEquals(-1, bench.call("get_retval"));
        Bench sockopt = of(ProgramType.CGROUP_SOCKOPT, 40);
        assertEquals(0, sockopt.call("set_retval", -13));
        assertEquals(-13, sockopt.memory.getInt(sockopt.context() + 36));
        Bench probe = of(ProgramType.KPROBE, 168);
        assertEquals(0, probe.call("override_return", probe.context(), -12));
        assertEquals(-12, probe.memory.getLong(probe.context() + 80));
    }

    @Test
    void sysctls() {
        Bench bench = of(ProgramType.CGROUP_SYSCTL, 8);
        long context = bench.context();
        long text = bench.buffer(32);
        assertEquals(19, bench.call("sysctl_get_name", context, text, 32, 0));
        assertEquals("net/ipv4/ip_forward", bench.textAt(text));
        assertEquals(10, bench.call("sysctl_get_name", context, text, 32, 1));
        assertEquals(-7, bench.call("sysctl_get_name", context, text, 4, 1));
        assertEquals("ip_", bench.textAt(text));
        assertEquals(2, bench.call("sysctl_get_current_value", context, text, 32));
        assertEquals(-7, bench.call("sysctl_get_current_value", context, text, 2));
        assertEquals(-22, bench.call("sysctl_get_new_value", context, text, 32));
        assertEquals(-22, bench.call("sysctl_set_new_value", context, bench.string("1"), 2));
        bench.memory.putInt(context, 1);
        assertEquals(1, bench.call("sysctl_get_new_value", context, text, 32));
        assertEquals(0, bench.call("sysctl_set_new_value", context, bench.string("1"), 2));
        Bench none = new Bench(ProgramType.CGROUP_SYSCTL, "{}").enter(null, new byte[8]);
        assertThrows(
                BpfException.class,
                () -> none.call("sysctl_get_name", none.context(), none.buffer(8), 8, 0));
    }

    @Test
    void messages() {
        byte[] data = "abcdef".getBytes(StandardCharsets.UTF_8);
        Bench bench = new Bench(ProgramType.SK_MSG, WORLD).enter(data, new byte[80]);
        long msg = bench.context();
        Memory memory = bench.memory;
        assertEquals(0, bench.call("msg_apply_bytes", msg, 3));
        assertEquals(0, bench.call("msg_cork_bytes", msg, 9));
        assertEquals(2, bench.run.effects().size());
        assertEquals(0, bench.call("msg_pull_data", msg, 1, 3, 0));
        assertEquals('b', memory.getByte(memory.getLong(msg)));
        assertEquals(2, memory.getLong(msg + 8) - memory.getLong(msg));
        assertEquals(-22, bench.call("msg_pull_data", msg, 3, 3, 0));
        assertEquals(-22, bench.call("msg_pull_data", msg, 0, 7, 0));
        assertEquals(0, bench.call("msg_push_data", msg, 2, 2, 0));
        assertEquals(8, memory.getInt(msg + 68));
        assertEquals(-22, bench.call("msg_push_data", msg, 9, 1, 0));
        assertEquals(0, bench.call("msg_pop_data", msg, 0, 1, 0));
        assertEquals(-22, bench.call("msg_pop_data", msg, 7, 1, 0));
        assertArrayEquals(new byte[] {'b', 0, 0, 'c', 'd', 'e', 'f'}, bench.leave(1).dataOut());
    }

    @Test
    void iteratorsPrint() {
        Bench bench = new Bench(ProgramType.TRACING, WORLD).enter(null, null);
        long file = bench.machine.opaque("seq_file");
        long format = bench.string("pid %d\n");
        long args = bench.buffer(8);
        bench.memory.putLong(args, 42);
        assertEquals(0, bench.call("seq_printf", file, format, 8, args, 8));
        assertEquals(0, bench.call("seq_write", file, bench.string("end"), 3));
        assertEquals(-22, bench.call("seq_printf", file, format, 8, args, 7));
        assertEquals("pid 42\nend", new String(bench.run.output().bytes(), StandardCharsets.UTF_8));
        long large = bench.buffer(40_000);
        assertEquals(-75, bench.call("seq_write", file, large, 40_000));
        assertEquals(-75, bench.call("seq_write", file, large, 1));
        assertTrue(bench.run.output().bytes().length < 40_000);
    }

    /** A kernel that has paths, files and programs to execute. */
    private static Btf kernel() {
        BtfBuilder types = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
        int number = types.integer("int", 4, 0);
        int text = types.pointer(types.integer("char", 1, 1));
        // struct dentry is type 5, a pointer to it type 4
        int entry = types.pointer(5);
        int qstr = 6;
        types.struct("dentry", 24, false, "d_parent", entry, 0, "d_name", qstr, 64);
        types.struct("qstr", 16, false, "len", number, 0, "name", text, 64);
        int path = types.struct("path", 8, false, "dentry", entry, 0);
        int file = types.struct("file", 16, false, "f_mode", number, 0, "f_path", path, 64);
        types.struct("linux_binprm", 4, false, "secureexec", number, 0);
        int memory = types.struct("mm_struct", 8, false, "exe_file", types.pointer(file), 0);
        types.struct("task_struct", 8, false, "mm", types.pointer(memory), 0);
        return types.build();
    }

    @Test
    void pathsAndPrograms() {
        Bench bench =
                new Bench(
                        ProgramType.LSM,
                        """
                        {"memory": [
                          {"name": "file", "type": "struct file",
                           "fields": {"f_path": "/etc/passwd"}},
                          {"name": "root", "type": "struct file", "fields": {"f_path": "/"}},
                          {"name": "bprm", "type": "struct linux_binprm"}]}
                        """,
                        kernel());
        bench.enter(null, null);
        World world = bench.machine.world();
        long path = world.address("@memory/file") + 8;
        long text = bench.buffer(32);
        assertEquals(12, bench.call("d_path", path, text, 32));
        assertEquals("/etc/passwd", bench.textAt(text));
        assertEquals(-36, bench.call("d_path", path, text, 11));
        assertEquals(0, bench.call("d_path", path, text, 0));
        assertEquals(2, bench.call("d_path", world.address("@memory/root") + 8, text, 32));
        long bprm = world.address("@memory/bprm");
        assertEquals(0, bench.call("bprm_opts_set", bprm, 1));
        assertEquals(1, bench.memory.getInt(bprm));
        assertEquals(-22, bench.call("bprm_opts_set", bprm, 2));
        long exe = bench.kfunc("bpf_get_task_exe_file", world.address("@current"));
        assertEquals(18, bench.kfunc("bpf_path_d_path", exe + 8, text, 32));
        assertEquals("/usr/bin/ebpf-run", bench.textAt(text));
        assertEquals(-36, bench.kfunc("bpf_path_d_path", exe + 8, text, 17));
        assertEquals(-22, bench.kfunc("bpf_path_d_path", exe + 8, text, 0));
        assertEquals(0, bench.kfunc("bpf_put_file", exe));
        Bench system = new Bench(ProgramType.SYSCALL, "{}", kernel()).enter(null, null);
        long name = system.string("file");
        assertEquals(8, system.call("btf_find_by_name_kind", name, 5, 4, 0));
        assertEquals(-2, system.call("btf_find_by_name_kind", name, 5, 12, 0));
    }

    @Test
    void synCookiesOfListeners() {
        Bench bench = tc();
        World world = bench.machine.world();
        long listener = world.sockAddress(world.socket("listener"));
        long peer = world.sockAddress(world.socket("peer"));
        long ip = bench.buffer(20);
        long tcp = bench.buffer(20);
        bench.memory.putByte(tcp + 12, (byte) 0x50);
        bench.memory.putByte(tcp + 13, (byte) 2);
        assertEquals(-2, bench.call("tcp_gen_syncookie", listener, ip, 20, tcp, 20));
        assertEquals(-22, bench.call("tcp_gen_syncookie", peer, ip, 20, tcp, 20));
        assertEquals(-22, bench.call("tcp_gen_syncookie", listener, ip, 20, tcp, 19));
        assertEquals(-2, bench.call("tcp_check_syncookie", listener, ip, 20, tcp, 20));
        assertEquals(-22, bench.call("tcp_check_syncookie", peer, ip, 20, tcp, 20));
    }

    @Test
    void congestionControlSendsAcks() {
        Bench bench = new Bench(ProgramType.STRUCT_OPS, WORLD).enter(null, null);
        World world = bench.machine.world();
        long peer = world.address(world.socket("peer"));
        assertEquals(0, bench.call("tcp_send_ack", peer, 7));
        assertEquals(List.of("ACK of 7 sent"), bench.run.effects());
        assertThrows(BpfException.class, () -> bench.call("tcp_send_ack", 0x99, 7));
    }

    @Test
    void remoteControls() {
        Bench bench = of(ProgramType.LIRC_MODE2, 4);
        assertEquals(0, bench.call("rc_keydown", bench.context(), 4, 0x1e, 0));
        assertEquals(0, bench.call("rc_repeat", bench.context()));
        assertEquals(0, bench.call("rc_pointer_rel", bench.context(), 1, -1));
        assertEquals(
                List.of(
                        "key down: protocol 4, scancode 0x1e, toggle 0",
                        "key repeated",
                        "pointer moved by 1, -1"),
                bench.run.effects());
    }

    // ---- maps of sockets and cgroups

    private static BpfMap map(Bench bench, MapType type, int keySize) {
        boolean storage = type == MapType.INODE_STORAGE;
        MapSpec spec =
                new MapSpec(
                        "m",
                        type,
                        keySize,
                        4,
                        storage ? 0 : 4,
                        storage ? 1 : 0,
                        0,
                        -1,
                        false,
                        storage ? 1 : 0,
                        storage ? 1 : 0,
                        null,
                        List.of(),
                        null,
                        MapSpec.Kind.DECLARED);
        return MapFactory.create(spec, bench.machine.mapHost(ByteOrder.LITTLE_ENDIAN));
    }

    private static void put(BpfMap map, int key, long address) {
        map.put(
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(key).array(),
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) address).array(),
                0);
    }

    private static long socket(Bench bench, String name) {
        World world = bench.machine.world();
        return world.sockAddress(world.socket(name));
    }

    @Test
    void socketsGoIntoMapsWhenTheyAreConnected() {
        Bench bench = of(ProgramType.SOCK_OPS, 224);
        BpfMap map = map(bench, MapType.SOCKMAP, 4);
        BpfMap hash = map(bench, MapType.SOCKHASH, 4);
        long key = bench.buffer(4);
        bench.memory.putInt(key, 1);
        bench.memory.putLong(bench.context() + 184, socket(bench, "peer"));
        assertEquals(-95, bench.call("sock_map_update", bench.context(), map.handle(), key, 0));
        bench.memory.putInt(bench.context(), 4);
        assertEquals(0, bench.call("sock_map_update", bench.context(), map.handle(), key, 0));
        assertEquals(-17, bench.call("sock_map_update", bench.context(), map.handle(), key, 1));
        assertEquals(0, bench.call("sock_hash_update", bench.context(), hash.handle(), key, 1));
        bench.memory.putInt(key, 9);
        assertEquals(-7, bench.call("sock_map_update", bench.context(), map.handle(), key, 0));
    }

    @Test
    void packetsAndMessagesGoToSocketsOfMaps() {
        Bench bench = new Bench(ProgramType.SK_SKB, WORLD).enter(Packets.TCP, null);
        BpfMap map = map(bench, MapType.SOCKMAP, 4);
        put(map, 0, socket(bench, "peer"));
        put(map, 1, socket(bench, "listener"));
        long ctx = bench.context();
        assertEquals(1, bench.call("sk_redirect_map", ctx, map.handle(), 0, 0));
        assertEquals(1, bench.call("sk_redirect_map", ctx, map.handle(), 0, 1));
        assertEquals(0, bench.call("sk_redirect_map", ctx, map.handle(), 1, 0));
        assertEquals(0, bench.call("sk_redirect_map", ctx, map.handle(), 2, 0));
        assertEquals(0, bench.call("sk_redirect_map", ctx, map.handle(), 0, 2));
        BpfMap hash = map(bench, MapType.SOCKHASH, 4);
        long key = bench.buffer(4);
        bench.memory.putInt(key, 7);
        put(hash, 7, socket(bench, "peer"));
        assertEquals(1, bench.call("sk_redirect_hash", ctx, hash.handle(), key, 0));
        assertEquals(
                List.of(
                        "packet redirected to socket peer",
                        "packet redirected to the ingress of socket peer",
                        "packet redirected to socket peer"),
                bench.run.effects());
        Bench message = of(ProgramType.SK_MSG, 80);
        BpfMap sockets = map(message, MapType.SOCKMAP, 4);
        put(sockets, 0, socket(message, "peer"));
        assertEquals(
                1, message.call("msg_redirect_map", message.context(), sockets.handle(), 0, 0));
        BpfMap byKey = map(message, MapType.SOCKHASH, 4);
        long at = message.buffer(4);
        message.memory.putInt(at, 3);
        assertEquals(
                0, message.call("msg_redirect_hash", message.context(), byKey.handle(), at, 0));
        put(byKey, 3, socket(message, "peer"));
        assertEquals(
                1, message.call("msg_redirect_hash", message.context(), byKey.handle(), at, 0));
    }

    @Test
    void socketsOfAGroupAreSelected() {
        Bench bench = of(ProgramType.SK_REUSEPORT, 56);
        BpfMap map = map(bench, MapType.REUSEPORT_SOCKARRAY, 4);
        put(map, 0, socket(bench, "listener"));
        put(map, 1, socket(bench, "any"));
        put(map, 2, socket(bench, "dns"));
        long key = bench.buffer(4);
        long ctx = bench.context();
        bench.memory.putLong(ctx + 40, socket(bench, "listener"));
        int[] expected = {0, -97, -91, -2};
        for (int i = 0; i < expected.length; i++) {
            bench.memory.putInt(key, i);
            assertEquals(expected[i], bench.call("sk_select_reuseport", ctx, map.handle(), key, 0));
        }
    }

    @Test
    void cgroupsOfArrays() {
        Bench bench = tc();
        BpfMap map = map(bench, MapType.CGROUP_ARRAY, 4);
        World world = bench.machine.world();
        put(map, 0, world.address(world.cgroup("/app")));
        put(map, 1, world.address(world.rootCgroup()));
        assertEquals(1, bench.call("current_task_under_cgroup", map.handle(), 0));
        assertEquals(1, bench.call("current_task_under_cgroup", map.handle(), 1));
        assertEquals(-11, bench.call("current_task_under_cgroup", map.handle(), 2));
        assertEquals(-7, bench.call("current_task_under_cgroup", map.handle(), 4));
        assertEquals(1, bench.call("skb_under_cgroup", bench.context(), map.handle(), 0));
    }

    @Test
    void noDriverTellsOfAPacket() {
        Bench bench = new Bench(ProgramType.XDP, WORLD).enter(Packets.TCP, null);
        long place = bench.buffer(8);
        assertEquals(-95, bench.kfunc("bpf_xdp_metadata_rx_timestamp", bench.context(), place));
        assertEquals(-95, bench.kfunc("bpf_xdp_metadata_rx_hash", bench.context(), place, place));
        assertEquals(
                -95, bench.kfunc("bpf_xdp_metadata_rx_vlan_tag", bench.context(), place, place));
    }

    @Test
    void tasksAndCgroupsByTheirNumbers() {
        Bench bench = tc();
        World world = bench.machine.world();
        long worker = world.address(world.task(101));
        long web = world.address(world.cgroup("/app/web"));
        assertEquals(worker, bench.kfunc("bpf_task_from_vpid", 5));
        assertEquals(0, bench.kfunc("bpf_task_get_cgroup1", worker, 1));
        assertEquals(1, bench.kfunc("bpf_task_under_cgroup", worker, web));
        assertEquals(web, bench.kfunc("bpf_cgroup_from_id", 21));
        assertEquals(
                world.address(world.cgroup("/app")), bench.kfunc("bpf_cgroup_ancestor", web, 1));
        long iterator = bench.buffer(8);
        assertEquals(0, bench.kfunc("bpf_iter_css_task_new", iterator, web, 0));
        assertEquals(worker, bench.kfunc("bpf_iter_css_task_next", iterator));
        assertEquals(0, bench.kfunc("bpf_iter_css_task_next", iterator));
        bench.kfunc("bpf_iter_css_task_destroy", iterator);
        assertEquals(-22, bench.kfunc("bpf_iter_css_task_new", iterator, web, 2));
        assertEquals(0, bench.kfunc("bpf_iter_css_task_next", iterator));
        assertEquals(0, bench.kfunc("bpf_iter_task_vma_new", iterator, worker, 0x1800));
        assertEquals(
                world.address(world.task(101).spec().vmas().getFirst()),
                bench.kfunc("bpf_iter_task_vma_next", iterator));
        assertEquals(0, bench.kfunc("bpf_iter_task_vma_next", iterator));
        bench.kfunc("bpf_iter_task_vma_destroy", iterator);
        assertThrows(BpfException.class, () -> bench.kfunc("bpf_task_under_cgroup", 5, web));
    }

    /** What the kernel only gives programs of types that it has no test run for. */
    @Test
    void storageOfInodes() {
        Bench bench = new Bench(ProgramType.LSM, WORLD);
        BpfMap map = map(bench, MapType.INODE_STORAGE, 4);
        long inode = bench.machine.opaque("inode");
        bench.machine.objects().add(KernelObjects.Kind.INODE, inode, "");
        assertEquals(0, bench.call("inode_storage_get", map.handle(), inode, 0, 0));
        assertNotEquals(0, bench.call("inode_storage_get", map.handle(), inode, 0, 1));
        assertEquals(0, bench.call("inode_storage_delete", map.handle(), inode));
        assertEquals(-2, bench.call("inode_storage_delete", map.handle(), inode));
    }

    @Test
    void stringsOfUserSpace() {
        Bench bench = new Bench(ProgramType.SYSCALL, WORLD);
        long text = bench.machine.world().address("@memory/text");
        long to = bench.buffer(8);
        assertEquals(6, bench.kfunc("bpf_copy_from_user_str", to, 8, text, 1));
        assertEquals("hello", bench.textAt(to));
        assertEquals(0, bench.memory.getByte(to + 7));
        assertEquals(3, bench.kfunc("bpf_copy_from_user_str", to, 3, text, 0));
        assertEquals("he", bench.textAt(to));
        assertEquals(-22, bench.kfunc("bpf_copy_from_user_str", to, 8, text, 2));
        assertEquals(-14, bench.kfunc("bpf_copy_from_user_str", to, 8, 16, 0));
        assertEquals("he", bench.textAt(to));
        assertEquals(-14, bench.kfunc("bpf_copy_from_user_str", to, 8, 16, 1));
        assertEquals(0, bench.memory.getLong(to));
        assertEquals(6, bench.kfunc("bpf_copy_from_user_task_str", to, 8, text, 0, 0));
    }

    @Test
    void dynptrsOfUserSpace() {
        Bench bench = new Bench(ProgramType.SYSCALL, WORLD);
        long text = bench.machine.world().address("@memory/text");
        long memory = bench.buffer(8);
        long dynptr = bench.run.topFrame() - 16;
        assertEquals(0, bench.call("dynptr_from_mem", memory, 8, 0, dynptr));
        assertEquals(0, bench.kfunc("bpf_copy_from_user_dynptr", dynptr, 0, 4, text));
        assertEquals('l', bench.memory.getByte(memory + 3));
        assertEquals(6, bench.kfunc("bpf_copy_from_user_str_dynptr", dynptr, 1, 7, text));
        assertEquals("hhello", bench.textAt(memory));
        assertEquals(-7, bench.kfunc("bpf_copy_from_user_dynptr", dynptr, 6, 4, text));
        assertEquals(-14, bench.kfunc("bpf_copy_from_user_dynptr", dynptr, 0, 4, 16));
        assertEquals(0, bench.kfunc("bpf_copy_from_user_task_dynptr", dynptr, 2, 2, text, 0));
        assertEquals("hhhelo", bench.textAt(memory));
        assertEquals(3, bench.kfunc("bpf_copy_from_user_task_str_dynptr", dynptr, 0, 3, text, 0));
    }
}
