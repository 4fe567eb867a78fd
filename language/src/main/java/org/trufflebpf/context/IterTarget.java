package org.trufflebpf.context;

import org.trufflebpf.failure.BpfException;
import org.trufflebpf.failure.Where;
import org.trufflebpf.map.BpfMap;
import org.trufflebpf.map.LocalStorageMap;
import org.trufflebpf.map.SockHashMap;
import org.trufflebpf.runtime.Run;
import org.trufflebpf.uapi.MapType;
import org.trufflebpf.world.Cgroup;
import org.trufflebpf.world.Socket;
import org.trufflebpf.world.Task;
import org.trufflebpf.world.World;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What iterators walk, one row each: the kernel's {@code bpf_iter_TARGET}, over the simulated
 * environment and the maps of the object.
 */
enum IterTarget {
    TASK(1, "") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            World world = run.machine().world();
            return Elements.of(
                    1,
                    tasks(world, target).stream().map(task -> one(world.address(task))).toList());
        }
    },
    TASK_VMA(2, "") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            World world = run.machine().world();
            List<long[]> all = new ArrayList<>();
            for (Task task : tasks(world, target)) {
                task.spec()
                        .vmas()
                        .forEach(
                                vma ->
                                        all.add(
                                                new long[] {
                                                    world.address(task), world.address(vma)
                                                }));
            }
            return Elements.of(2, all);
        }
    },
    CGROUP(1, "cgroup (default /), order (default descendants_pre)") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            World world = run.machine().world();
            String path = target.getOrDefault("cgroup", "/");
            Cgroup start = world.cgroup(path);
            if (start == null) {
                throw BpfException.usage("the environment has no cgroup '" + path + "'");
            }
            String order = target.getOrDefault("order", "descendants_pre");
            List<Cgroup> walked = CgroupOrder.walk(world, start, order);
            return Elements.of(
                    1, walked.stream().map(cgroup -> one(world.address(cgroup))).toList());
        }

        @Override
        boolean endsOnReturn() {
            return true;
        }
    },
    BPF_MAP(1, "") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            return Elements.of(
                    1,
                    run.instance().maps().stream()
                            .map(map -> one(run.machine().mapImage(map)))
                            .toList());
        }
    },
    BPF_MAP_ELEM(3, "map") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            BpfMap map = map(run, target, "");
            long image = run.machine().mapImage(map);
            List<byte[]> keys = new ArrayList<>();
            for (byte[] key = map.nextKey(null); key != null; key = map.nextKey(key)) {
                keys.add(key);
            }
            MapElements elements = new MapElements(run, map);
            return new Elements(
                    keys.stream()
                            .map(elements::of)
                            .filter(address -> address.length > 0)
                            .iterator(),
                    new long[] {image, 0, 0});
        }
    },
    BPF_SK_STORAGE_MAP(3, "map") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            BpfMap map = map(run, target, "sk_storage");
            long image = run.machine().mapImage(map);
            World world = run.machine().world();
            List<long[]> all = new ArrayList<>();
            for (Socket socket : world.sockets()) {
                long value = ((LocalStorageMap) map).storage(world.address(socket), 0, 0);
                if (value != 0) {
                    all.add(new long[] {image, world.address(socket), value});
                }
            }
            return new Elements(all.iterator(), new long[] {image, 0, 0});
        }
    },
    SOCKMAP(3, "map") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            BpfMap map = map(run, target, "sock");
            long image = run.machine().mapImage(map);
            World world = run.machine().world();
            List<long[]> all = new ArrayList<>();
            for (byte[] key = map.nextKey(null); key != null; key = map.nextKey(key)) {
                long at = run.scratch(key.length);
                run.memory().write(at, key);
                long socket = map.lookup(at, run.cpu());
                Socket known = socket == 0 ? null : world.socketAt(socket);
                all.add(new long[] {image, at, known == null ? socket : world.address(known)});
            }
            return new Elements(all.iterator(), new long[] {image, 0, 0});
        }
    },
    TCP(2, "") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            World world = run.machine().world();
            return Elements.of(
                    2,
                    world.sockets().stream()
                            .filter(Socket::isTcp)
                            .map(socket -> new long[] {world.address(socket), socket.spec().uid()})
                            .toList());
        }
    },
    UDP(3, "") {
        @Override
        Elements elements(Run run, Map<String, String> target) {
            World world = run.machine().world();
            return Elements.of(
                    3,
                    world.sockets().stream()
                            .filter(socket -> !socket.isTcp())
                            .map(
                                    socket ->
                                            new long[] {
                                                world.address(socket), socket.spec().uid(), 0
                                            })
                            .toList());
        }
    };

    /** Why the kernel's other targets are refused. */
    private static final Map<String, String> REFUSED =
            Map.ofEntries(
                    Map.entry("task_file", "the environment describes no open files"),
                    Map.entry("bpf_prog", "needs the list of programs that a kernel has loaded"),
                    Map.entry("bpf_link", "needs the list of links that a kernel has made"),
                    Map.entry("unix", "the environment describes no unix sockets"),
                    Map.entry("netlink", "the environment describes no netlink sockets"),
                    Map.entry("ipv6_route", "needs the kernel's struct fib6_info of routes"),
                    Map.entry("ksym", "needs the symbols of a live kernel"),
                    Map.entry("kmem_cache", "needs the caches of a live kernel"),
                    Map.entry("dmabuf", "needs the DMA buffers of a live kernel"));

    /**
     * The elements of a walk, and what the program sees in the call behind the last.
     *
     * @param all each with a value for every slot of the context
     */
    record Elements(Iterator<long[]> all, long[] last) {
        static Elements of(int slots, List<long[]> all) {
            return new Elements(all.iterator(), new long[slots]);
        }
    }

    private final int slots;
    private final String parameters;

    IterTarget(int slots, String parameters) {
        this.slots = slots;
        this.parameters = parameters;
    }

    /** The row of a section's target. */
    static IterTarget require(String name) {
        for (IterTarget row : values()) {
            if (row.label().equals(name)) {
                return row;
            }
        }
        throw BpfException.unsupported(
                Where.UNKNOWN,
                "iterator over '"
                        + name
                        + "' is not implemented: "
                        + REFUSED.getOrDefault(name, "the kernel has no such target"));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Its name and what to give it. */
    String help() {
        return label() + (parameters.isEmpty() ? "" : ": " + parameters);
    }

    /** Values behind the pointer to the meta data. */
    int slots() {
        return slots;
    }

    /** Whether a nonzero return value ends the walk, where elsewhere it asks for another try. */
    boolean endsOnReturn() {
        return false;
    }

    abstract Elements elements(Run run, Map<String, String> target);

    private static long[] one(long value) {
        return new long[] {value};
    }

    /** All tasks, or those of {@code pid} (threads of a process) or {@code tid}. */
    private static List<Task> tasks(World world, Map<String, String> target) {
        String pid = target.get("pid");
        String tid = target.get("tid");
        return world.tasks().stream()
                .filter(task -> pid == null || pid.equals(Integer.toString(task.tgid())))
                .filter(task -> tid == null || tid.equals(Integer.toString(task.pid())))
                .toList();
    }

    private static BpfMap map(Run run, Map<String, String> target, String kind) {
        String name = target.get("map");
        if (name == null) {
            throw BpfException.usage(
                    "an iterator over "
                            + run.program().attachTarget()
                            + " needs a map, as in {\"map\": \"NAME\"}");
        }
        BpfMap map = run.instance().map(name);
        if (map == null) {
            throw BpfException.usage("the object has no map '" + name + "'");
        }
        boolean fits =
                switch (kind) {
                    case "sk_storage" -> map.type() == MapType.SK_STORAGE;
                    case "sock" -> map.type() == MapType.SOCKMAP || map instanceof SockHashMap;
                    default -> isWalked(map.type());
                };
        if (!fits) {
            throw notWalked(map);
        }
        return map;
    }

    /** Types with an iterator over their elements. */
    private static boolean isWalked(MapType type) {
        return switch (type) {
            case HASH, LRU_HASH, PERCPU_HASH, LRU_PERCPU_HASH, ARRAY, PERCPU_ARRAY -> true;
            default -> false;
        };
    }

    private static BpfException notWalked(BpfMap map) {
        return BpfException.usage(map + " has no elements that this iterator walks (EINVAL)");
    }

    /** The elements of a map: key and value lie in one place, but values that can be changed. */
    private static final class MapElements {
        private final Run run;
        private final BpfMap map;
        private final long image;
        private final long keyAt;
        private final long valueAt;

        MapElements(Run run, BpfMap map) {
            this.run = run;
            this.map = map;
            this.image = run.machine().mapImage(map);
            this.keyAt = run.scratch(map.keySize());
            this.valueAt =
                    map.type().isPerCpu()
                            ? run.scratch((map.valueSize() + 7) / 8 * 8 * map.cpus())
                            : 0;
        }

        /** The slots of a key's element, none if it is gone. */
        long[] of(byte[] key) {
            long value = valueAt;
            if (valueAt == 0) {
                value = map.locate(key, run.cpu());
            } else {
                byte[] bytes = map.get(key);
                value = bytes == null ? 0 : valueAt;
                run.memory().write(valueAt, bytes == null ? new byte[0] : bytes);
            }
            run.memory().write(keyAt, key);
            return value == 0 ? new long[0] : new long[] {image, keyAt, value};
        }
    }
}
