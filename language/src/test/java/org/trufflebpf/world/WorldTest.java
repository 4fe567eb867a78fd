package org.trufflebpf.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.trufflebpf.btf.Btf;
import org.trufflebpf.btf.BtfBuilder;
import org.trufflebpf.failure.BpfException;
import org.trufflebpf.memory.Handles;
import org.trufflebpf.memory.Memory;
import org.trufflebpf.world.WorldSpec.RouteType;

import java.nio.ByteOrder;

class WorldTest {
    private final Memory memory = Memory.create(1 << 20, ByteOrder.LITTLE_ENDIAN);

    private World world(String json, Btf btf) {
        return new World(WorldReader.read("e.json", json), memory, new Handles(), () -> btf);
    }

    @Test
    void cgroupsFormATree() {
        World world =
                world(
                        """
                        {"cgroups": [{"path": "/a/b", "id": 40}],
                         "tasks": [{"pid": 1, "cgroup": "/a/b/c"}]}
                        """,
                        null);
        Cgroup inner = world.current().cgroup();
        assertEquals("/a/b/c", inner.path());
        assertEquals(3, inner.level());
        assertEquals(41 + 1, inner.id());
        assertEquals(40, inner.ancestor(2).id());
        assertEquals(1, inner.ancestor(0).id());
        assertNull(inner.ancestor(4));
        assertTrue(inner.isUnder(world.cgroup("/a")));
        assertFalse(world.cgroup("/a").isUnder(inner));
        assertSame(world.cgroup("/a/b"), world.cgroup(40));
    }

    @Test
    void addressesStandForObjects() {
        World world = world("{\"sockets\": [{\"name\": \"s\", \"local\": \"1.2.3.4:80\"}]}", null);
        long task = world.address(world.current());
        assertSame(world.current(), world.taskAt(task));
        assertEquals(task, world.address("@task/1"));
        assertEquals(task, world.address("@current"));
        Socket socket = world.socket("s");
        assertNotEquals(world.address(socket), world.sockAddress(socket));
        assertSame(socket, world.socketAt(world.address(socket)));
        assertSame(socket, world.socketAt(world.sockAddress(socket)));
        assertSame(socket, world.socketAt(world.tcpSockAddress(socket)));
        assertNull(world.socketAt(task));
        assertThrows(BpfException.class, () -> world.address("@task/2"));
        assertThrows(BpfException.class, () -> world.address("@memory/x"));
    }

    @Test
    void structuresFollowTheTargetsBtf() {
        BtfBuilder builder = new BtfBuilder(ByteOrder.LITTLE_ENDIAN);
        int number = builder.integer("int", 4, 1);
        int letter = builder.integer("char", 1, 1);
        int name = builder.array(letter, 16);
        // struct task_struct is type 5, a pointer to it type 4
        int self = builder.pointer(5);
        int task =
                builder.struct(
                        "task_struct",
                        48,
                        false,
                        "pid",
                        number,
                        0,
                        "tgid",
                        number,
                        32,
                        "comm",
                        name,
                        64,
                        "real_parent",
                        self,
                        192,
                        "flags",
                        number,
                        256,
                        "next",
                        self,
                        320);
        assertEquals(5, task);
        World world =
                world(
                        """
                        {"tasks": [
                          {"pid": 8, "tgid": 7, "comm": "init", "parent": 9,
                           "fields": {"flags": "0x10", "next": {"pid": 5, "next": "@task/8"}}},
                          {"pid": 9, "comm": "bash"}]}
                        """,
                        builder.build());
        long at = world.address(world.current());
        assertEquals(8, memory.getInt(at));
        assertEquals(7, memory.getInt(at + 4));
        assertEquals('i', memory.getByte(at + 8));
        long parent = memory.getLong(at + 24);
        assertSame(world.task(9), world.taskAt(parent));
        assertEquals(9, memory.getInt(parent));
        assertEquals(0x10, memory.getInt(at + 32));
        long next = memory.getLong(at + 40);
        assertEquals(5, memory.getInt(next));
        assertEquals(at, memory.getLong(next + 40));
        assertTrue(memory.isAccessible(at, 48, false));
        assertFalse(memory.isAccessible(at, 48, true));
        BpfException e =
                assertThrows(
                        BpfException.class,
                        () ->
                                world(
                                                "{\"tasks\": [{\"pid\": 1, \"fields\": {\"x\":"
                                                        + " 1}}]}",
                                                builder.build())
                                        .address("@current"));
        assertEquals(
                "e.json:1: tasks[0].fields.x: struct task_struct of the target's BTF has no field"
                        + " 'x'",
                e.getMessage());
    }

    @Test
    void theLongestPrefixWins() {
        World world =
                world(
                        """
                        {"interfaces": [
                           {"index": 2, "name": "eth0", "addresses": ["10.0.0.5/24", "fd00::5/64"]}],
                         "routes": [
                           {"to": "0.0.0.0/0", "via": "10.0.0.1", "dev": "eth0"},
                           {"to": "10.9.0.0/16", "type": "blackhole"}]}
                        """,
                        null);
        Network network = world.network();
        assertEquals(RouteType.BLACKHOLE, route(network, "10.9.1.1").type());
        assertEquals(IpAddress.parse("10.0.0.1"), route(network, "8.8.8.8").via());
        assertNull(route(network, "10.0.0.9").via());
        assertEquals(RouteType.LOCAL, route(network, "10.0.0.5").type());
        assertEquals(RouteType.LOCAL, route(network, "127.9.9.9").type());
        assertEquals(RouteType.UNICAST, route(network, "fd00::9").type());
        assertNull(route(network, "fd01::9"));
        assertEquals(IpAddress.parse("10.0.0.5"), network.source(2, IpAddress.parse("10.0.0.9")));
    }

    private static WorldSpec.RouteSpec route(Network network, String to) {
        return network.route(IpAddress.parse(to), 0, Network.LOCAL, Network.MAIN);
    }
}
