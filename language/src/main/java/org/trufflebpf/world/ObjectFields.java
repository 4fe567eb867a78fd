package org.trufflebpf.world;

import org.trufflebpf.world.TypedMemory.Place;
import org.trufflebpf.world.WorldSpec.SocketSpec;
import org.trufflebpf.world.WorldSpec.TaskSpec;

/**
 * What of an object's description goes into which fields of the kernel's structures. Fields that a
 * target's BTF does not have are left out; those that the user names himself must exist.
 */
final class ObjectFields {
    private final World world;
    private final TypedMemory types;

    ObjectFields(World world, TypedMemory types) {
        this.world = world;
        this.types = types;
    }

    void fill(Place place, KernelObject object) {
        switch (object) {
            case Task task -> fillTask(place, task);
            case Cgroup cgroup -> fillCgroup(place, cgroup);
            case Socket socket -> fillSocket(place, socket);
        }
    }

    private void fillTask(Place place, Task task) {
        TaskSpec spec = task.spec();
        types.put(place, "pid", spec.pid());
        types.put(place, "tgid", spec.tgid());
        types.putText(place, "comm", spec.comm());
        Task parent = world.task(spec.parent());
        long parentAddress = world.address(parent == null ? task : parent);
        types.put(place, "real_parent", parentAddress);
        types.put(place, "parent", parentAddress);
        Task leader = world.task(spec.tgid());
        types.put(place, "group_leader", world.address(leader == null ? task : leader));
        for (String id : new String[] {"uid", "euid", "suid", "fsuid"}) {
            types.put(place, "real_cred." + id + ".val", spec.uid());
        }
        for (String id : new String[] {"gid", "egid", "sgid", "fsgid"}) {
            types.put(place, "real_cred." + id + ".val", spec.gid());
        }
        types.put(place, "cred", types.load(place, "real_cred"));
        types.put(place, "cgroups.dfl_cgrp", world.address(task.cgroup()));
        types.put(place, "thread_pid.numbers.nr", spec.pid());
        Place path = types.field(place, "mm.exe_file.f_path");
        if (path != null) {
            types.storePath(path, spec.exe());
        }
        if (spec.fields() != null) {
            types.store(place, spec.fields());
        }
    }

    private void fillCgroup(Place place, Cgroup cgroup) {
        types.put(place, "level", cgroup.level());
        types.put(place, "kn.id", cgroup.id());
        Place name = types.field(place, "kn.name");
        if (name != null) {
            types.putTextPointer(name, cgroup.path().equals("/") ? "" : cgroup.name());
        }
        types.put(place, "self.cgroup", place.address());
        if (cgroup.parent() != null) {
            long parent = world.address(cgroup.parent());
            types.put(place, "self.parent", parent);
            types.put(place, "kn.__parent", types.loadAt(parent, "cgroup", "kn"));
            types.put(place, "kn.parent", types.loadAt(parent, "cgroup", "kn"));
        }
        if (cgroup.fields() != null) {
            types.store(place, cgroup.fields());
        }
    }

    private void fillSocket(Place place, Socket socket) {
        SocketSpec spec = socket.spec();
        Place common = types.commonOf(place);
        if (common != null) {
            types.put(common, "skc_family", socket.isV6() ? 10 : 2);
            types.put(common, "skc_state", spec.state());
            types.put(common, "skc_num", spec.local().port());
            types.putNetwork(common, "skc_dport", spec.remote().port(), 2);
            types.put(common, "skc_bound_dev_if", spec.ifindex());
            types.put(common, "skc_cookie.counter", socket.cookie());
            types.putBytes(
                    common,
                    socket.isV6() ? "skc_v6_rcv_saddr" : "skc_rcv_saddr",
                    spec.local().address().bytes());
            types.putBytes(
                    common,
                    socket.isV6() ? "skc_v6_daddr" : "skc_daddr",
                    spec.remote().address().bytes());
        }
        Place sock = types.sockOf(place);
        if (sock != null) {
            types.put(sock, "sk_protocol", spec.protocol());
            types.put(sock, "sk_type", socket.isTcp() ? 1 : 2);
            types.put(sock, "sk_mark", spec.mark());
            types.put(sock, "sk_priority", spec.priority());
            types.put(sock, "sk_uid.val", spec.uid());
            types.put(sock, "sk_cgrp_data.cgroup", world.address(socket.cgroup()));
        }
        if (spec.fields() != null) {
            types.store(place, spec.fields());
        }
    }
}
