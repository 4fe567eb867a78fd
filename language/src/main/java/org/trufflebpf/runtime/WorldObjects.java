package org.trufflebpf.runtime;

import org.trufflebpf.map.KernelObjects;
import org.trufflebpf.map.KernelObjects.Entry;
import org.trufflebpf.map.KernelObjects.Kind;
import org.trufflebpf.world.Cgroup;
import org.trufflebpf.world.KernelObject;
import org.trufflebpf.world.Socket;
import org.trufflebpf.world.Task;
import org.trufflebpf.world.World;

/** The objects of the simulated environment, as maps know them. */
final class WorldObjects implements KernelObjects.Source {
    private final World world;

    WorldObjects(World world) {
        this.world = world;
    }

    @Override
    public Entry get(Kind kind, long address) {
        return entry(
                switch (kind) {
                    case SOCKET -> world.socketAt(address);
                    case TASK -> world.taskAt(address);
                    case CGROUP -> world.cgroupAt(address);
                    case XDP_SOCKET, INODE -> null;
                });
    }

    @Override
    public Entry named(Kind kind, String name) {
        return entry(
                switch (kind) {
                    case SOCKET -> world.socket(name);
                    case CGROUP -> world.cgroup(name);
                    case TASK -> task(name);
                    case XDP_SOCKET, INODE -> null;
                });
    }

    private Task task(String pid) {
        return pid.matches("[0-9]{1,9}") ? world.task(Integer.parseInt(pid)) : null;
    }

    private Entry entry(KernelObject object) {
        return switch (object) {
            case null -> null;
            case Socket socket ->
                    new Entry(
                            Kind.SOCKET,
                            world.address(socket),
                            socket.spec().name(),
                            socket.cookie());
            case Task task ->
                    new Entry(Kind.TASK, world.address(task), Integer.toString(task.pid()), 0);
            case Cgroup cgroup ->
                    new Entry(Kind.CGROUP, world.address(cgroup), cgroup.path(), cgroup.id());
        };
    }

    @Override
    public boolean hasInterface(int ifindex) {
        return world.network().device(ifindex) != null;
    }
}
